import { InputError } from "../base/error.js";
import { readText, shipped } from "../base/file.js";
import { ancestors, normaliseCode } from "./icd10.js";
import { conditionWords, wordsKey } from "./name.js";

/** The vocabulary that ships with the package. */
export const SHIPPED_CONDITIONS = shipped("conditions.tsv");

/** Terms for one condition, and its codes. */
export interface NamedCondition {
  readonly terms: readonly string[];
  readonly codes: readonly string[];
}

/** Terms for conditions with their ICD-10-CM codes. */
export interface ConditionVocabulary {
  /** How many terms it knows, spellings that are equal after normalisation counted once. */
  readonly size: number;
  readonly conditions: readonly NamedCondition[];
  /** The codes of a condition, in the order of their terms in its name; empty if it knows none. */
  lookup(condition: string): readonly string[];
}

/**
 * Reads a condition vocabulary: lines of `term|term<TAB>code code`. Empty lines and lines that start
 * with "#" are skipped.
 *
 * A condition is looked up by its words ({@link conditionWords}): all of them, else the longest run
 * of words that is a term, then the longest in what is left, and so on. Stages and qualifiers
 * ("recurrent", "stage IV") so fall away by themselves, and "depression in Parkinson's disease" gives
 * both diseases. Where that finds only codes that say little ("cancer", "infection", or chapter Z: why
 * someone is seen), the longest terms whose words are scattered over the name are taken ("squamous
 * cell carcinoma of the larynx": larynx, carcinoma), and only then those codes.
 * @throws InputError with file and row for a malformed line or code, or a term with two meanings.
 */
export function readConditions(path: string): ConditionVocabulary {
  const known = new Map<string, Term>();
  const conditions: NamedCondition[] = [];
  for (const [index, line] of readText(path).split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const place = { file: path, row: index + 1 };
    const [terms = "", codeList = "", ...rest] = line.split("\t");
    if (terms === "" || codeList === "" || rest.length > 0) {
      throw new InputError("is not terms, a tab and codes", {
        ...place,
        remedy: "Write term<TAB>code, or term|other term<TAB>code code",
      });
    }
    const codes = codeList.split(" ").map((code) => codeAt(code, place));
    const ofLine = terms.split("|");
    conditions.push({ terms: ofLine, codes });
    for (const term of ofLine) {
      const words = conditionWords(term);
      const key = wordsKey(words);
      const before = known.get(key);
      if (key === "" || (before !== undefined && before.codes.join(" ") !== codes.join(" "))) {
        throw new InputError(
          key === "" ? "a term has no words" : `"${term}" stands here with other codes`,
          { ...place, field: "term", remedy: "Keep one line for every term" },
        );
      }
      known.set(key, { words, codes });
    }
  }
  const longest = Math.max(...[...known.values()].map(({ words }) => words.length));
  return {
    size: known.size,
    conditions,
    lookup: (condition) => lookup(known, longest, conditionWords(condition)),
  };
}

function codeAt(code: string, place: { file: string; row: number }): string {
  try {
    ancestors(code);
    return normaliseCode(code);
  } catch (error) {
    throw error instanceof InputError ? error.at(place) : error;
  }
}

interface Term {
  readonly words: readonly string[];
  readonly codes: readonly string[];
}

const SAYS_LITTLE = /^(C80|B99|Z)/;
const telling = (codes: readonly string[]): string[] =>
  codes.filter((code) => !SAYS_LITTLE.test(code));

function lookup(
  terms: ReadonlyMap<string, Term>,
  longest: number,
  words: readonly string[],
): readonly string[] {
  const whole = terms.get(wordsKey(words));
  if (whole !== undefined) return whole.codes;
  const codes = inRuns(terms, longest, words);
  const specific = telling(codes);
  if (specific.length > 0) return [...new Set(specific)];
  const fromScattered = scattered(terms, words);
  return [...new Set(fromScattered.length > 0 ? fromScattered : codes)];
}

/** Codes of the terms that are runs of the words, longest run first, in the order of the words. */
function inRuns(
  terms: ReadonlyMap<string, Term>,
  longest: number,
  words: readonly string[],
): string[] {
  const left: (string | undefined)[] = [...words];
  const found: { start: number; codes: readonly string[] }[] = [];
  for (let length = Math.min(longest, words.length); length > 0; length--) {
    for (let start = 0; start + length <= words.length; start++) {
      const run = left.slice(start, start + length);
      if (run.includes(undefined)) continue;
      const term = terms.get(wordsKey(run as string[]));
      if (term === undefined) continue;
      found.push({ start, codes: term.codes });
      left.fill(undefined, start, start + length);
    }
  }
  return found.sort((a, b) => a.start - b.start).flatMap(({ codes }) => codes);
}

/** Codes of the longest telling terms all of whose words occur, wherever they stand. */
function scattered(terms: ReadonlyMap<string, Term>, words: readonly string[]): string[] {
  const present = new Set(words);
  const inside = [...terms.values()].filter(
    (term) => telling(term.codes).length > 0 && term.words.every((word) => present.has(word)),
  );
  const most = Math.max(...inside.map((term) => term.words.length));
  return inside.filter((term) => term.words.length === most).flatMap(({ codes }) => codes);
}
