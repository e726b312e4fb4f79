import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fromFloat16, toFloat16 } from "../base/float16.js";
import { type Encoder, HiddenStateStore, type HiddenStates } from "../language/index.js";
import { encodeThroughStore, shorten } from "./language.js";

/** Hidden states of two levels that count up, so that each tells its place. */
function countingStates(tokens: number, width = 2): HiddenStates {
  const values = Float32Array.from({ length: tokens * width }, (_, i) => i);
  return {
    tokens,
    width,
    levels: [toFloat16(values), toFloat16(values.map((value) => -value))],
  };
}

test("a long text is averaged over neighbours to its end", () => {
  const { tokens, levels } = shorten(countingStates(7), 3);
  assert.equal(tokens, 3); // 3 + 3 + 1
  assert.deepEqual([...fromFloat16(levels[0]!)], [2, 3, 8, 9, 12, 13]);
  assert.deepEqual([...fromFloat16(levels[1]!)], [-2, -3, -8, -9, -12, -13]);
});

test("shortening fits any limit and leaves short texts alone", () => {
  for (let tokens = 1; tokens <= 40; tokens++)
    for (let limit = 1; limit <= 40; limit++) {
      const states = countingStates(tokens);
      const short = shorten(states, limit);
      if (tokens <= limit) assert.equal(short, states);
      assert.ok(short.tokens <= limit && 2 * short.tokens >= Math.min(tokens, limit));
      const last = fromFloat16(short.levels[0]!).at(-1)!;
      const size = Math.ceil(tokens / limit);
      const end = tokens - (short.tokens - 1) * size; // members of the last mean
      assert.equal(last, 2 * tokens - 1 - (end - 1), `${tokens} tokens, limit ${limit}`);
    }
});

test("texts are encoded once, in lots, shortened, and found again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "cladmop-store-"));
  const lots: number[] = [];
  const encoder: Encoder = {
    hash: "",
    width: 2,
    levels: [],
    countTokens: Number,
    encode: async (texts) => {
      lots.push(texts.length);
      return texts.map((text) => countingStates(Number(text)));
    },
    release: async () => {},
  };
  const texts = Array.from({ length: 100 }, (_, i) => String(i + 1));
  const told: [number, number][] = [];
  const fill = (all: readonly string[]) =>
    encodeThroughStore(all, encoder, store, 30, (...now) => told.push(now));
  let store = new HiddenStateStore(folder, "key", { limitBytes: 1e6 });
  assert.deepEqual(await fill(texts.slice(0, 10)), { cached: 0, tokens: 55 });
  store.close();
  store = new HiddenStateStore(folder, "key", { limitBytes: 1e6 });
  assert.deepEqual(await fill([...texts, ...texts]), { cached: 110, tokens: 5050 - 55 });
  assert.deepEqual(lots, [10, 64, 26]);
  assert.deepEqual(told.at(-1), [200, 5050 - 55]);
  assert.deepEqual(store.get("80"), shorten(countingStates(80), 30));
  store.close();
  rmSync(folder, { recursive: true });
});
