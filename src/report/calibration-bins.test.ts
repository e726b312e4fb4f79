import assert from "node:assert/strict";
import { test } from "node:test";
import { equalCountBins } from "./calibration-bins.js";

test("bins hold as many trials each, by ascending probability, whatever their order", () => {
  assert.deepEqual(equalCountBins([1, 0, 1, 0, 0, 1], [0.9, 0.1, 0.5, 0.3, 0.7, 0.5], 2), [
    { count: 2, predicted: 0.2, observed: 0 },
    { count: 2, predicted: 0.5, observed: 1 },
    { count: 2, predicted: 0.8, observed: 0.5 },
  ]);
});

test("trials of one probability stay together, and no bin is of a few", () => {
  const counts = (probabilities: number[], count: number) =>
    equalCountBins(
      probabilities.map(() => 1),
      probabilities,
      count,
    ).map((bin) => bin.count);
  assert.deepEqual(counts([0.1, 0.2, 0.2, 0.2, 0.2, 0.3, 0.4], 2), [5, 2]);
  assert.deepEqual(counts([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7], 3), [3, 4]);
  assert.deepEqual(counts([0.1, 0.2, 0.3, 0.4, 0.5], 3), [3, 2]);
  assert.deepEqual(counts([0.5, 0.5], 20), [2]);
  assert.deepEqual(counts([0.4], 20), [1]);
});
