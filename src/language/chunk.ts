import { createHash } from "node:crypto";
import { PairTable } from "../base/pair-table.js";
import type { Encoder } from "./encoder.js";
import type { HiddenStateStore } from "./store.js";

/** Texts of any number, read one after the other. */
export type Texts = Iterable<string> | AsyncIterable<string>;

/** What a chunk holds at most. Its hidden states are in memory together, and are what a kill can lose. */
const TEXTS = 64;
const CHARACTERS = 2 ** 17;

/**
 * Cuts texts into chunks, each to be encoded together and kept in one shard: at most 64 texts of 131,072
 * characters (some 32,000 tokens) in all, or one longer text. A text that comes again is left out, so that the
 * chunks of an input share nothing and depend on nothing but it: in whatever order and wherever they are encoded, and
 * however often that is stopped, an empty store comes to have the same shards.
 *
 * What was there is known by 64 bits of a hash: of a million texts, two are mistaken for one with a probability of 3e-8, and
 * a reader is told that there are no states of the second.
 * @param folder where the hashes of many texts are kept meanwhile
 */
export async function* chunksOf(texts: Texts, folder: string): AsyncGenerator<string[]> {
  const seen = new PairTable(folder);
  try {
    yield* cut(texts, seen);
  } finally {
    seen.close();
  }
}

async function* cut(texts: Texts, seen: PairTable): AsyncGenerator<string[]> {
  let chunk: string[] = [];
  let characters = 0;
  for await (const text of texts) {
    const digest = createHash("sha256").update(text).digest();
    const [key, value] = [digest.readUInt32LE(0), digest.readUInt32LE(4)];
    if (seen.has(key, value)) continue;
    seen.add(key, value);
    if (chunk.length > 0 && characters + text.length > CHARACTERS) {
      yield chunk;
      chunk = [];
      characters = 0;
    }
    chunk.push(text);
    characters += text.length;
    if (chunk.length < TEXTS) continue;
    yield chunk;
    chunk = [];
    characters = 0;
  }
  if (chunk.length > 0) yield chunk;
}

/**
 * Encodes texts and writes their shard, unless all of them are in the store by now.
 * @returns the number of tokens
 * @throws InputError as {@link HiddenStateStore.write}
 */
export async function encodeChunk(
  texts: readonly string[],
  encoder: Encoder,
  store: HiddenStateStore,
): Promise<number> {
  if (texts.every((text) => store.has(text))) return 0;
  const states = await encoder.encode(texts);
  store.write(texts, states);
  return states.reduce((sum, { tokens }) => sum + tokens, 0);
}

/**
 * Encodes what of the texts the store lacks, chunk by chunk.
 * @param done told after each chunk how many texts have been read, and how many tokens encoded
 * @returns texts that were there or came again, and tokens encoded
 */
export async function encodeThroughStore(
  texts: Texts,
  encoder: Encoder,
  store: HiddenStateStore,
  done: (texts: number, tokens: number) => void,
): Promise<{ cached: number; tokens: number }> {
  let read = 0;
  let encoded = 0;
  let tokens = 0;
  async function* counted(): AsyncGenerator<string> {
    for await (const text of texts) {
      read++;
      yield text;
    }
  }
  for await (const chunk of chunksOf(counted(), store.folder)) {
    // Read, not only looked up: what is damaged is found here, where it can be computed again.
    const missing = chunk.filter((text) => store.get(text) === undefined);
    if (missing.length > 0) tokens += await encodeChunk(missing, encoder, store);
    encoded += missing.length;
    done(read, tokens);
  }
  return { cached: read - encoded, tokens };
}
