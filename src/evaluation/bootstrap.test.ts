import assert from "node:assert/strict";
import { test } from "node:test";
import { interval } from "./bootstrap.js";
import { averagePrecision, type Labels, rocAuc } from "./metrics.js";

const labels = Array.from({ length: 200 }, (_, i) => (i % 2) as 0 | 1);
const scores = labels.map((label, i) => Math.sin(i) + label);

test("the same seed gives the same interval, another seed another", () => {
  const at = (seed: number) => interval(labels, scores, rocAuc, { seed, resamples: 100 });
  assert.deepEqual(at(1), at(1));
  assert.notDeepEqual(at(1), at(2));
});

test("the interval of a mean is that of theory", () => {
  // The mean of n labels with p = 1/2 has a standard error of √(p (1 - p) / n) = 0.03536.
  const mean = (drawn: Labels) => Array.from(drawn).reduce((sum, label) => sum + label, 0) / 200;
  const [low, high] = interval(labels, scores, mean, { seed: 7, resamples: 4000 });
  assert.ok(Math.abs(low - (0.5 - 1.96 * 0.03536)) < 0.01, `${low}`);
  assert.ok(Math.abs(high - (0.5 + 1.96 * 0.03536)) < 0.01, `${high}`);
  const [inner] = interval(labels, scores, mean, { seed: 7, resamples: 4000, level: 0.5 });
  assert.ok(Math.abs(inner - (0.5 - 0.6745 * 0.03536)) < 0.01, `${inner}`);
});

test("labels and scores are drawn together", () => {
  assert.deepEqual(interval([1, 0, 1, 0], [4, 1, 3, 2], rocAuc, { seed: 1 }), [1, 1]);
});

test("resamples of one class are drawn again, data of one class refused", () => {
  const [low, high] = interval([1, 0], [2, 1], averagePrecision, { seed: 1, resamples: 50 });
  assert.deepEqual([low, high], [1, 1]);
  assert.throws(
    () => interval([1, 1], [2, 1], averagePrecision, { seed: 1 }),
    /all 2 labels are 1/,
  );
});
