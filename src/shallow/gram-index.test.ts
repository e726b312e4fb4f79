import assert from "node:assert/strict";
import { test } from "node:test";
import { GramIndex } from "./gram-index.js";

function found(grams: readonly string[], text: string): Record<string, number> {
  const counts: Record<string, number> = {};
  new GramIndex(new Map(grams.map((gram, column) => [gram, column]))).find(text, (column) => {
    const gram = grams[column]!;
    counts[gram] = (counts[gram] ?? 0) + 1;
  });
  return counts;
}

test("n-grams are found wherever they are, overlapping and within one another, in any order", () => {
  const grams = ["ana", "an", "nab", "banana", "x", "a"];
  assert.deepEqual(found(grams, "banana bandana"), { a: 6, an: 4, ana: 3, banana: 1 });
  assert.deepEqual(found(grams.toReversed(), "banana bandana"), { a: 6, an: 4, ana: 3, banana: 1 });
});

test("a character beyond U+FFFF is one, and half of it is none", () => {
  assert.deepEqual(found(["≤😀1", "😀"], "≤😀1😀"), { "≤😀1": 1, "😀": 2 });
  assert.deepEqual(found(["\ud83d"], "😀"), {});
});

test("many n-grams are kept apart", () => {
  const grams = Array.from({ length: 5000 }, (_, i) => i.toString(7).padStart(5, "0"));
  for (const i of [0, 1, 77, 2401, 4999])
    assert.deepEqual(found(grams, grams[i]!), { [grams[i]!]: 1 });
});
