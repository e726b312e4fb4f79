import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { toFloat16 } from "../base/float16.js";
import { type Encoder, HiddenStateStore, type HiddenStates } from "../language/index.js";
import { encodeThroughStore, partsOf } from "./language.js";

/** Hidden states of two levels that count up, so that each tells its place. */
function countingStates(tokens: number, width = 2): HiddenStates {
  const values = Float32Array.from({ length: tokens * width }, (_, i) => i);
  return {
    tokens,
    width,
    levels: [toFloat16(values), toFloat16(values.map((value) => -value))],
  };
}

test("a long text is read in parts as equal as can be, a short one as it is", () => {
  for (let tokens = 1; tokens <= 40; tokens++)
    for (let limit = 1; limit <= 40; limit++) {
      const states = countingStates(tokens);
      const parts = partsOf(states, limit);
      if (tokens <= limit) assert.equal(parts[0], states);
      const sizes = parts.map((part) => part.tokens);
      assert.ok(Math.max(...sizes) <= limit && Math.max(...sizes) - Math.min(...sizes) <= 1);
      states.levels.forEach((level, i) => {
        assert.deepEqual(
          parts.flatMap((part) => [...part.levels[i]!]),
          [...level],
        );
      });
    }
});

test("texts are encoded once, in lots, and found again", async () => {
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
    encodeThroughStore(all, encoder, store, (...now) => told.push(now));
  let store = new HiddenStateStore(folder, "key", { limitBytes: 1e6 });
  assert.deepEqual(await fill(texts.slice(0, 10)), { cached: 0, tokens: 55 });
  store.close();
  store = new HiddenStateStore(folder, "key", { limitBytes: 1e6 });
  assert.deepEqual(await fill([...texts, ...texts]), { cached: 110, tokens: 5050 - 55 });
  assert.deepEqual(lots, [10, 64, 26]);
  assert.deepEqual(told.at(-1), [200, 5050 - 55]);
  assert.deepEqual(store.get("80"), countingStates(80));
  store.close();
  // A record that was damaged is encoded again, not missed later.
  const shard = join(folder, readdirSync(folder)[0]!);
  const bytes = readFileSync(shard);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(shard, bytes);
  store = new HiddenStateStore(folder, "key", { limitBytes: 1e6 });
  assert.equal((await fill(texts)).cached, 99);
  for (const text of texts) assert.deepEqual(store.get(text), countingStates(Number(text)));
  store.close();
  rmSync(folder, { recursive: true });
});
