import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../base/random.js";
import { dropoutMask } from "./dropout.js";

test("a mask drops its share, and keeps the mean by enlarging the rest", () => {
  const size = 10_000;
  const mask = dropoutMask(size, 0.2, new Random(1));
  assert.deepEqual(new Set(mask), new Set([0, 1.25]));
  const dropped = mask.filter((value) => value === 0).length;
  // Binomial: four standard deviations are 4 √(0.2 · 0.8 · 10,000) = 160.
  assert.ok(Math.abs(dropped - 0.2 * size) < 160, String(dropped));
  assert.deepEqual(dropoutMask(3, 0, new Random(1)), Float32Array.of(1, 1, 1));
});
