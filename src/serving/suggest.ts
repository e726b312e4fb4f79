import type { ConditionVocabulary } from "../disease/index.js";
import { fold, nameKey, type Vocabulary } from "../drug/index.js";
import type { ConditionSuggestion, DrugSuggestion } from "./answer.js";

/** What completes the text that somebody types, from the vocabularies that a model resolves names by. */
export interface Suggestions {
  /**
   * Drugs by the beginning of a name, then of its words; where there is none, with small typing errors: best
   * first, each drug once, under the name that fits best.
   */
  drugs(text: string, count: number): DrugSuggestion[];
  /** Conditions as {@link drugs}, or by the beginning of an ICD-10 code. Their names resolve to their codes. */
  conditions(text: string, count: number): ConditionSuggestion[];
}

export function createSuggestions(
  drugs: Vocabulary,
  { conditions }: ConditionVocabulary,
): Suggestions {
  const byStructure = new Map<string, Group<readonly string[]>>();
  for (const { name, smiles } of drugs.drugs) {
    const structure = smiles.join(" ");
    const { names } = byStructure.get(structure) ?? { names: [] };
    byStructure.set(structure, { names: [...names, name], value: smiles });
  }
  const drugNames = entriesOf([...byStructure.values()]);
  const terms = entriesOf(conditions.map(({ terms, codes }) => ({ names: terms, value: codes })));
  return {
    drugs: (text, count) =>
      suggest(drugNames, text, count).map(({ name, value }) => ({ name, smiles: [...value] })),
    conditions(text, count) {
      const code = CODE.exec(text.trim().toUpperCase());
      const found = code ? byCode(terms, code[0]) : [];
      const best = found.length > 0 ? found.slice(0, count) : suggest(terms, text, count);
      return best.map(({ name, value }) => ({ name, codes: [...value] }));
    },
  };
}

/** Names for one thing. */
interface Group<T> {
  readonly names: readonly string[];
  readonly value: T;
}

/** A name made ready to be compared. */
interface Entry<T> {
  readonly name: string;
  /** As {@link fold} leaves it. */
  readonly folded: string;
  readonly words: readonly string[];
  /** The name without anything but letters and digits, then its words if it has several. */
  readonly keys: readonly Key[];
  readonly group: number;
  readonly value: T;
}

function entriesOf<T>(groups: readonly Group<T>[]): Entry<T>[] {
  return groups.flatMap(({ names, value }, group) =>
    names.map((name) => {
      const folded = fold(name);
      const words = wordsOf(folded);
      const keys = [nameKey(name), ...(words.length > 1 ? words : [])].map(keyOf);
      return { name, folded, words, keys, group, value };
    }),
  );
}

/** Letters and digits, and a bit for each kind of them: what has other ones is told apart at a glance. */
interface Key {
  readonly text: string;
  readonly kinds: number;
}

function keyOf(text: string): Key {
  let kinds = 0;
  for (let i = 0; i < text.length; i++) kinds |= 1 << (text.charCodeAt(i) & 31);
  return { text, kinds };
}

const wordsOf = (folded: string): string[] => folded.match(/[\p{L}\p{N}]+/gu) ?? [];

/** An ICD-10 code, or what may become one: a letter alone may begin a name, too. */
const CODE = /^[A-Z]\d[\dA-Z]?(?:\.[\dA-Z]{0,4})?$/;

/** Conditions whose code begins so, or else those of its category, in the order of their codes. */
function byCode(
  terms: readonly Entry<readonly string[]>[],
  code: string,
): Entry<readonly string[]>[] {
  const inOrder = (beginning: string) =>
    firstOfGroups(
      terms
        .flatMap((term) => {
          const own = term.value.find((one) => one.startsWith(beginning));
          return own === undefined ? [] : [{ term, own }];
        })
        .sort((a, b) => (a.own < b.own ? -1 : a.own > b.own ? 1 : 0))
        .map(({ term }) => term),
    );
  const found = inOrder(code.replace(/\.$/, ""));
  return found.length > 0 ? found : inOrder(code.slice(0, 3));
}

/** How a name fits what is typed; the lower the better. */
const FITS = { whole: 0, beginning: 1, words: 2 } as const;

function suggest<T>(entries: readonly Entry<T>[], text: string, count: number): Entry<T>[] {
  const folded = fold(text);
  const key = keyOf(nameKey(text));
  if (key.text === "") return [];
  const words = wordsOf(folded);
  const fitting = rank(entries, (entry) => {
    const own = entry.keys[0]!.text;
    if (own === key.text) return FITS.whole;
    if (entry.folded.startsWith(folded) || own.startsWith(key.text)) return FITS.beginning;
    const all = words.every((word) => entry.words.some((one) => one.startsWith(word)));
    return all ? FITS.words : undefined;
  });
  const found = fitting.length > 0 ? fitting : mistyped(entries, key);
  return firstOfGroups(found).slice(0, count);
}

/** The names with the fewest typing errors, if they are few. */
function mistyped<T>(entries: readonly Entry<T>[], typed: Key): Entry<T>[] {
  let most = allowedErrors(typed.text);
  if (most === 0) return [];
  const errors = entries.map(({ keys }) => {
    const own = Math.min(...keys.map((key) => errorsToBegin(key, typed, most)));
    most = Math.min(most, own);
    return own;
  });
  const close = entries.filter((_, i) => errors[i] === most);
  return rank(close, () => most);
}

/** The entries that fit, best first; of equals the shortest. */
function rank<T>(
  entries: readonly Entry<T>[],
  fit: (entry: Entry<T>) => number | undefined,
): Entry<T>[] {
  const fitting = entries.flatMap((entry) => {
    const place = fit(entry);
    return place === undefined ? [] : [{ entry, place }];
  });
  fitting.sort(
    (a, b) =>
      a.place - b.place ||
      a.entry.name.length - b.entry.name.length ||
      (a.entry.folded < b.entry.folded ? -1 : 1),
  );
  return fitting.map(({ entry }) => entry);
}

/** Of each group what comes first. */
function firstOfGroups<T>(entries: readonly Entry<T>[]): Entry<T>[] {
  const seen = new Set<number>();
  return entries.filter(({ group }) => !seen.has(group) && seen.add(group));
}

/** Typing errors that are forgiven, by the letters typed: in a short name any other may be meant. */
const allowedErrors = (key: string): number => (key.length < 4 ? 0 : key.length < 8 ? 1 : 2);

/**
 * The fewest typing errors (a letter too many, missing, wrong, or two that changed places) with which
 * `typed` is the beginning of `name`: the least entry in the last row of the table of optimal string alignment.
 * @returns something above `most` where there are more
 */
function errorsToBegin(
  { text: name, kinds }: Key,
  { text: typed, kinds: wanted }: Key,
  most: number,
): number {
  if (name.length + most < typed.length || bits(wanted & ~kinds) > most) return most + 1;
  const width = Math.min(name.length, typed.length + most);
  let [before, above, current] = rowsOf(width + 1);
  for (let column = 0; column <= width; column++) above[column] = column;
  for (let row = 1; row <= typed.length; row++) {
    const letter = typed.charCodeAt(row - 1);
    let least = row;
    current[0] = row;
    for (let column = 1; column <= width; column++) {
      const own = name.charCodeAt(column - 1);
      let errors = Math.min(
        above[column - 1]! + (letter === own ? 0 : 1),
        above[column]! + 1,
        current[column - 1]! + 1,
      );
      const swapped =
        row > 1 &&
        column > 1 &&
        letter === name.charCodeAt(column - 2) &&
        typed.charCodeAt(row - 2) === own;
      if (swapped) errors = Math.min(errors, before[column - 2]! + 1);
      current[column] = errors;
      least = Math.min(least, errors);
    }
    if (least > most) return most + 1;
    [before, above, current] = [above, current, before];
  }
  let least = most + 1;
  for (let column = 0; column <= width; column++) least = Math.min(least, above[column]!);
  return least;
}

type ThreeRows = [Uint16Array, Uint16Array, Uint16Array];
let scratch: ThreeRows = [new Uint16Array(), new Uint16Array(), new Uint16Array()];

/** Three rows of a table, used again by the next call: one name in thousands needs longer ones. */
function rowsOf(length: number): ThreeRows {
  if (scratch[0].length < length)
    scratch = [new Uint16Array(length), new Uint16Array(length), new Uint16Array(length)];
  return scratch;
}

/** How many bits are set. */
function bits(value: number): number {
  let count = 0;
  for (let left = value; left !== 0; left &= left - 1) count++;
  return count;
}
