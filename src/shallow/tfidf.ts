/**
 * TF-IDF of words or of characters, to the definitions of scikit-learn's
 * `TfidfVectorizer` (smooth idf, rows of Euclidean norm 1), so that its published figures compare.
 */
import { InputError } from "../base/error.js";
import { GramIndex } from "./gram-index.js";
import { joinRows, type SparseRows, sparseRows } from "./sparse.js";

/** What a term is. */
export interface TermOptions {
  /**
   * "word": runs of two or more letters, digits or underscores; "char": characters, runs of white
   * space made one space; "char_wb": characters of one word and its padding spaces.
   */
  readonly analyzer: "word" | "char" | "char_wb";
  /** Shortest and longest n-gram. */
  readonly ngrams: readonly [shortest: number, longest: number];
}

export interface TfIdfOptions extends TermOptions {
  /** Terms in fewer texts are dropped. */
  readonly minTexts: number;
  /** Term frequency 1 + ln(count) instead of the count. */
  readonly sublinear: boolean;
}

export interface TfIdf {
  readonly options: TfIdfOptions;
  /** Column of each term; the terms in order. */
  readonly columns: ReadonlyMap<string, number>;
  /** ln((1 + texts) / (1 + texts with the term)) + 1, for each column. */
  readonly idf: Float64Array;
}

/** How often each term occurs in each text. */
export interface TermCounts {
  /** Column of each term; the terms in order. */
  readonly columns: ReadonlyMap<string, number>;
  /** One row a text. */
  readonly counts: SparseRows;
}

/**
 * Counts the terms of texts.
 * @param known Only these terms are counted, in these columns; without it all terms are.
 */
export function countTerms(
  texts: readonly string[],
  options: TermOptions,
  known?: ReadonlyMap<string, number>,
): TermCounts {
  if (known !== undefined) return countKnown(texts, options, known);
  const columns = new Map<string, number>();
  const counts = texts.map((text) => {
    const row = new Map<number, number>();
    for (const term of GRAMS[options.analyzer](text.toLowerCase(), options.ngrams)) {
      const column = columns.get(term) ?? columns.size;
      columns.set(term, column);
      row.set(column, (row.get(column) ?? 0) + 1);
    }
    return row;
  });
  return { columns, counts: sparseRows(counts, columns.size) };
}

/** Made once for each vocabulary: trials are asked about again and again. */
const indices = new WeakMap<object, GramIndex>();

function countKnown(
  texts: readonly string[],
  { analyzer, ngrams }: TermOptions,
  known: ReadonlyMap<string, number>,
): TermCounts {
  const counts = new Uint32Array(known.size);
  let add: (text: string) => void;
  if (analyzer === "char") {
    const index = indices.get(known) ?? new GramIndex(known);
    indices.set(known, index);
    add = (text) => index.find(withSingleSpaces(text), (column) => counts[column]!++);
  } else {
    add = (text) => {
      for (const term of GRAMS[analyzer](text, ngrams)) {
        const column = known.get(term);
        if (column !== undefined) counts[column]!++;
      }
    };
  }
  const rows = texts.map((text) => {
    counts.fill(0);
    add(text.toLowerCase());
    return entriesOf(counts);
  });
  return { columns: known, counts: joinRows(rows, known.size) };
}

/** What of a dense row is not zero. A loop, for speed. */
function entriesOf(row: Uint32Array): { indices: Uint32Array; values: Float64Array } {
  const indices = new Uint32Array(row.length);
  let size = 0;
  for (let column = 0; column < row.length; column++)
    if (row[column]! > 0) indices[size++] = column;
  const values = new Float64Array(size);
  for (let k = 0; k < size; k++) values[k] = row[indices[k]!]!;
  return { indices: indices.slice(0, size), values };
}

/** Learns which terms to keep and their weights. @throws InputError if no term is left. */
export function learnTfIdf({ columns, counts }: TermCounts, options: TfIdfOptions): TfIdf {
  const textsWith = new Uint32Array(counts.columns);
  for (const column of counts.indices) textsWith[column]! += 1;
  const kept = [...columns].filter(([, column]) => textsWith[column]! >= options.minTexts);
  if (kept.length === 0) {
    throw new InputError(`no term occurs in ${options.minTexts} or more of ${counts.rows} texts`, {
      remedy: "Give more or longer texts",
    });
  }
  kept.sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    options,
    columns: new Map(kept.map(([term], column) => [term, column])),
    idf: Float64Array.from(
      kept,
      ([, column]) => Math.log((1 + counts.rows) / (1 + textsWith[column]!)) + 1,
    ),
  };
}

/**
 * One row a text, of Euclidean norm 1. Terms that were not learned count nothing; a text without any
 * has a row of zeros.
 */
export function weighTerms(model: TfIdf, { columns, counts }: TermCounts): SparseRows {
  const columnOf = translation(columns, model.columns);
  const weight = (count: number) => (model.options.sublinear ? 1 + Math.log(count) : count);
  const rows = Array.from({ length: counts.rows }, (_, row) => {
    const [from, to] = [counts.starts[row]!, counts.starts[row + 1]!];
    const indices = new Uint32Array(to - from);
    const values = new Float64Array(to - from);
    let [size, squares, ascending] = [0, 0, true];
    for (let k = from; k < to; k++) {
      const column = columnOf[counts.indices[k]!]!;
      if (column < 0) continue;
      const value = weight(counts.values[k]!) * model.idf[column]!;
      squares += value * value;
      if (size > 0 && column < indices[size - 1]!) ascending = false;
      indices[size] = column;
      values[size++] = value;
    }
    const norm = Math.sqrt(squares);
    for (let k = 0; k < size; k++) values[k]! /= norm;
    const entries = { indices: indices.subarray(0, size), values: values.subarray(0, size) };
    return ascending ? entries : inOrder(entries);
  });
  return joinRows(rows, model.columns.size);
}

/** Entries by ascending column. */
function inOrder({ indices, values }: { indices: Uint32Array; values: Float64Array }) {
  const order = Uint32Array.from(indices.keys()).sort((a, b) => indices[a]! - indices[b]!);
  return {
    indices: order.map((k) => indices[k]!),
    values: Float64Array.from(order, (k) => values[k]!),
  };
}

/** Made once for each pair: a trial is scored again and again as its statements are deleted in turn. */
const translations = new WeakMap<object, WeakMap<object, Int32Array>>();

/** For each column of `from`, the column of the same term in `to`, or -1. */
function translation(
  from: ReadonlyMap<string, number>,
  to: ReadonlyMap<string, number>,
): Int32Array {
  let known = translations.get(to);
  if (known === undefined) {
    known = new WeakMap();
    translations.set(to, known);
  }
  let columns = known.get(from);
  if (columns === undefined) {
    columns = Int32Array.from(from.keys(), (term) => to.get(term) ?? -1);
    known.set(from, columns);
  }
  return columns;
}

/** {@link learnTfIdf} on texts. */
export function fitTfIdf(texts: readonly string[], options: TfIdfOptions): TfIdf {
  return learnTfIdf(countTerms(texts, options), options);
}

/** {@link weighTerms} on texts. */
export function applyTfIdf(model: TfIdf, texts: readonly string[]): SparseRows {
  return weighTerms(model, countTerms(texts, model.options, model.columns));
}

const withSingleSpaces = (text: string) => text.replace(/\s\s+/gu, " ");

type Range = TermOptions["ngrams"];

const GRAMS: Record<TermOptions["analyzer"], (text: string, ngrams: Range) => Iterable<string>> = {
  word: wordGrams,
  char: (text, ngrams) => characterGrams(withSingleSpaces(text), ngrams),
  char_wb: gramsWithinWords,
};

function* wordGrams(text: string, [shortest, longest]: Range): Generator<string> {
  const words = text.match(/[\p{L}\p{N}_]{2,}/gu) ?? [];
  for (let n = shortest; n <= longest; n++) {
    for (let i = 0; i + n <= words.length; i++) yield words.slice(i, i + n).join(" ");
  }
}

function* characterGrams(text: string, [shortest, longest]: Range): Generator<string> {
  // Where each character starts, and the end: one beyond U+FFFF takes two places.
  const starts = [0];
  for (const character of text) starts.push(starts.at(-1)! + character.length);
  for (let n = shortest; n <= longest; n++) {
    for (let i = 0; i + n < starts.length; i++) yield text.slice(starts[i], starts[i + n]);
  }
}

function* gramsWithinWords(text: string, [shortest, longest]: Range): Generator<string> {
  for (const word of text.split(/\s+/u)) {
    if (word === "") continue;
    const padded = ` ${word} `;
    const length = [...padded].length;
    // A word no longer than the shortest n-gram stands for itself, once.
    if (length <= shortest) yield padded;
    else yield* characterGrams(padded, [shortest, Math.min(longest, length)]);
  }
}
