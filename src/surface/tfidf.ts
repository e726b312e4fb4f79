/**
 * TF-IDF of words or of characters, to the definitions of scikit-learn's
 * `TfidfVectorizer` (smooth idf, rows of Euclidean norm 1), so that its published figures compare.
 */
import { InputError } from "../base/error.js";
import type { SparseRows } from "./sparse.js";

export interface TfIdfOptions {
  /**
   * "word": runs of two or more letters, digits or underscores; "char": characters, runs of white
   * space made one space; "char_wb": characters of one word and its padding spaces.
   */
  readonly analyzer: "word" | "char" | "char_wb";
  /** Shortest and longest n-gram. */
  readonly ngrams: readonly [shortest: number, longest: number];
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

/** Learns the terms and their weights. @throws InputError if no term is left. */
export function fitTfIdf(texts: readonly string[], options: TfIdfOptions): TfIdf {
  const textsWith = new Map<string, number>();
  for (const text of texts) {
    for (const term of countTerms(text, options).keys()) {
      textsWith.set(term, (textsWith.get(term) ?? 0) + 1);
    }
  }
  const terms = [...textsWith.keys()]
    .filter((term) => textsWith.get(term)! >= options.minTexts)
    .sort();
  if (terms.length === 0) {
    throw new InputError(`no term occurs in ${options.minTexts} or more of ${texts.length} texts`, {
      remedy: "Give more or longer texts",
    });
  }
  const idf = (term: string) => Math.log((1 + texts.length) / (1 + textsWith.get(term)!)) + 1;
  return {
    options,
    columns: new Map(terms.map((term, column) => [term, column])),
    idf: Float64Array.from(terms, idf),
  };
}

/** One row a text. Terms that were not learned count nothing; a text without any has a row of zeros. */
export function applyTfIdf(model: TfIdf, texts: readonly string[]): SparseRows {
  const starts = new Uint32Array(texts.length + 1);
  const indices: number[] = [];
  const values: number[] = [];
  texts.forEach((text, row) => {
    const entries: [column: number, value: number][] = [];
    let squares = 0;
    for (const [term, count] of countTerms(text, model.options)) {
      const column = model.columns.get(term);
      if (column === undefined) continue;
      const value = (model.options.sublinear ? 1 + Math.log(count) : count) * model.idf[column]!;
      squares += value * value;
      entries.push([column, value]);
    }
    for (const [column, value] of entries.sort(([a], [b]) => a - b)) {
      indices.push(column);
      values.push(value / Math.sqrt(squares));
    }
    starts[row + 1] = indices.length;
  });
  return {
    rows: texts.length,
    columns: model.columns.size,
    starts,
    indices: Uint32Array.from(indices),
    values: Float64Array.from(values),
  };
}

function countTerms(text: string, { analyzer, ngrams }: TfIdfOptions): Map<string, number> {
  const counts = new Map<string, number>();
  for (const term of GRAMS[analyzer](text.toLowerCase(), ngrams)) {
    counts.set(term, (counts.get(term) ?? 0) + 1);
  }
  return counts;
}

type Range = TfIdfOptions["ngrams"];

const GRAMS: Record<TfIdfOptions["analyzer"], (text: string, ngrams: Range) => Iterable<string>> = {
  word: wordGrams,
  char: (text, ngrams) => characterGrams(text.replace(/\s\s+/gu, " "), ngrams),
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
