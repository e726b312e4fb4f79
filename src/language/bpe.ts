import { InputError } from "../base/error.js";

/** Special tokens with BioGPT's ids (its model card's vocabulary starts with these four). */
export const SPECIAL_TOKENS = { "<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3 } as const;

/** The part of a Hugging Face `tokenizer.json` that a byte-level BPE tokenizer needs. */
export interface TokenizerJson {
  readonly version: string;
  readonly truncation: null;
  readonly padding: null;
  readonly added_tokens: readonly {
    readonly id: number;
    readonly content: string;
    readonly single_word: boolean;
    readonly lstrip: boolean;
    readonly rstrip: boolean;
    readonly normalized: boolean;
    readonly special: boolean;
  }[];
  readonly normalizer: null;
  readonly pre_tokenizer: ByteLevel;
  readonly post_processor: null;
  readonly decoder: ByteLevel;
  readonly model: {
    readonly type: "BPE";
    readonly dropout: null;
    readonly unk_token: string;
    readonly continuing_subword_prefix: null;
    readonly end_of_word_suffix: null;
    readonly fuse_unk: boolean;
    readonly byte_fallback: boolean;
    readonly vocab: Readonly<Record<string, number>>;
    readonly merges: readonly string[];
  };
}

interface ByteLevel {
  readonly type: "ByteLevel";
  readonly add_prefix_space: boolean;
  readonly trim_offsets: boolean;
  readonly use_regex: boolean;
}

const BYTE_LEVEL: ByteLevel = {
  type: "ByteLevel",
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: true,
};

/** GPT-2's word pattern, the one the ecosystem's ByteLevel pre-tokenizer uses. Merges never cross words. */
const WORD = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/** Splits text into words; joined, they are the text again. */
export function splitWords(text: string): readonly string[] {
  return text.match(WORD) ?? [];
}

/**
 * GPT-2's printable stand-in for each of the 256 bytes: printable Latin-1 stands for itself, the
 * others move to U+0100 and up, so that a vocabulary is readable text without spaces.
 */
function byteAlphabet(): string[] {
  let moved = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable =
      (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    return String.fromCharCode(printable ? byte : moved++);
  });
}

/** A pair of token ids as one map key; ids stay far below 2^21. */
const ID_RANGE = 2 ** 21;
const pairKey = (left: number, right: number): number => left * ID_RANGE + right;

/** A pair and its count when it was queued; the count may have changed since. */
interface Candidate {
  readonly pair: number;
  readonly count: number;
}

/** More frequent first; of equals the one of older tokens, so that training is deterministic. */
const precedes = (a: Candidate, b: Candidate): boolean =>
  a.count > b.count || (a.count === b.count && a.pair < b.pair);

/** Binary heap whose top precedes every other candidate. */
class CandidateHeap {
  readonly #items: Candidate[] = [];

  push(item: Candidate): void {
    const items = this.#items;
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!precedes(item, items[parent]!)) break;
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = item;
  }

  pop(): Candidate | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return top;
    let at = 0;
    for (let child = 1; child < items.length; child = 2 * at + 1) {
      if (child + 1 < items.length && precedes(items[child + 1]!, items[child]!)) child++;
      if (!precedes(items[child]!, last)) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = last;
    return top;
  }
}

/**
 * Trains byte-level byte-pair encoding (Sennrich et al. 2016; bytes as in GPT-2) and returns it as
 * a Hugging Face `tokenizer.json`. The most frequent pair of neighbouring tokens within words
 * becomes the next token until the vocabulary is full or no pair occurs twice.
 *
 * The counts of distinct words stand for the text, and after a merge only the words that hold the
 * merged pair are counted again. The heap is lazy: a candidate whose count is out of date is queued
 * again with the true one when it surfaces (a queued count only falls).
 *
 * @param vocabularySize all tokens: four special ones, 256 bytes, and the merges.
 * @throws InputError if the size leaves no room for the special tokens and bytes.
 */
export function trainBpe(
  texts: Iterable<string>,
  { vocabularySize }: { vocabularySize: number },
): TokenizerJson {
  const tokens = [...Object.keys(SPECIAL_TOKENS), ...byteAlphabet()];
  const firstByte = tokens.length - 256;
  if (!Number.isInteger(vocabularySize) || vocabularySize < tokens.length) {
    throw new InputError(`a vocabulary of ${vocabularySize} tokens is too small`, {
      field: "vocabularySize",
      remedy: `Use a whole number of at least ${tokens.length}`,
    });
  }

  const merges: string[] = [];

  const wordCounts = new Map<string, number>();
  for (const text of texts) {
    for (const word of splitWords(text)) wordCounts.set(word, (wordCounts.get(word) ?? 0) + 1);
  }
  const counts = [...wordCounts.values()];
  const words = Array.from(wordCounts.keys(), (word) =>
    Array.from(Buffer.from(word, "utf8"), (byte) => byte + firstByte),
  );

  const pairCounts = new Map<number, number>();
  const holders = new Map<number, Set<number>>(); // pair → words that hold it, or once did
  const addPair = (pair: number, word: number): void => {
    pairCounts.set(pair, (pairCounts.get(pair) ?? 0) + counts[word]!);
    const known = holders.get(pair);
    if (known) known.add(word);
    else holders.set(pair, new Set([word]));
  };
  words.forEach((word, index) => {
    for (let i = 1; i < word.length; i++) addPair(pairKey(word[i - 1]!, word[i]!), index);
  });
  const heap = new CandidateHeap();
  for (const [pair, count] of pairCounts) heap.push({ pair, count });

  while (tokens.length < vocabularySize) {
    const best = heap.pop();
    if (best === undefined || best.count < 2) break;
    const { pair } = best;
    const count = pairCounts.get(pair)!;
    if (count !== best.count) {
      heap.push({ pair, count });
      continue;
    }
    const [left, right] = [Math.floor(pair / ID_RANGE), pair % ID_RANGE];
    const merged = tokens.length;
    tokens.push(tokens[left]! + tokens[right]!);
    merges.push(`${tokens[left]} ${tokens[right]}`);

    const born = new Set<number>();
    for (const index of holders.get(pair)!) {
      const before = words[index]!;
      const after = mergePair(before, left, right, merged);
      if (after.length === before.length) continue;
      for (let i = 1; i < before.length; i++) {
        const old = pairKey(before[i - 1]!, before[i]!);
        pairCounts.set(old, pairCounts.get(old)! - counts[index]!);
      }
      for (let i = 1; i < after.length; i++) {
        const now = pairKey(after[i - 1]!, after[i]!);
        addPair(now, index);
        if (after[i - 1] === merged || after[i] === merged) born.add(now);
      }
      words[index] = after;
    }
    pairCounts.delete(pair);
    holders.delete(pair);
    for (const now of born) heap.push({ pair: now, count: pairCounts.get(now)! });
  }
  return tokenizerJson(tokens, merges);
}

/** The word with every occurrence of (left, right), from the left, replaced by their merged token. */
function mergePair(word: number[], left: number, right: number, merged: number): number[] {
  const result: number[] = [];
  for (let i = 0; i < word.length; i++) {
    if (word[i] === left && word[i + 1] === right) {
      result.push(merged);
      i++;
    } else result.push(word[i]!);
  }
  return result;
}

function tokenizerJson(tokens: string[], merges: string[]): TokenizerJson {
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: Object.entries(SPECIAL_TOKENS).map(([content, id]) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: BYTE_LEVEL,
    post_processor: null,
    decoder: BYTE_LEVEL,
    model: {
      type: "BPE",
      dropout: null,
      unk_token: "<unk>",
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges,
    },
  };
}
