import assert from "node:assert/strict";
import { test } from "node:test";
import { fitExtraTrees } from "./extra-trees.js";
import { forestMeans } from "./forest.js";

const options = { trees: 2000, minLeaf: 1, columnShare: 1, seed: 1 };

test("between two rows P(1) is the chance that the threshold lies below: a straight line", () => {
  const forest = fitExtraTrees(Float32Array.of(2, 4), [0, 1], options);
  const at = forestMeans(forest, Float32Array.of(1, 2.4, 3, 3.8, 5), 5);
  [0, 0.2, 0.5, 0.9, 1].forEach((expected, i) => {
    assert.ok(Math.abs(at[i]! - expected) < 0.03, `${at[i]} is not ${expected}`);
  });
});

test("the column that separates is taken, wherever it stands; others too where one at a time is tried", () => {
  // Columns: noise, the label, constant.
  const x = Float32Array.of(1, 0, 7, 2, 1, 7, 3, 0, 7, 4, 1, 7, 5, 0, 7, 6, 1, 7);
  const y = [0, 1, 0, 1, 0, 1];
  const strange = Float32Array.of(6, 0, 7, 1, 1, 7);
  const all = fitExtraTrees(x, y, { ...options, trees: 50 });
  assert.deepEqual([...forestMeans(all, strange, 2)], [0, 1]);
  assert.equal(all.column.length, 3 * 50);
  const some = fitExtraTrees(x, y, { ...options, trees: 400, columnShare: 0.34 });
  const [p] = forestMeans(some, strange, 2);
  assert.ok(p! > 0.05 && p! < 0.6, String(p));
});

test("no leaf is smaller than asked, so that certainty needs rows", () => {
  const rows = 40;
  const x = Float32Array.from({ length: rows }, (_, i) => i);
  const y = Array.from({ length: rows }, (_, i) => (i === 20 ? 1 : 0));
  const forest = fitExtraTrees(x, y, { ...options, minLeaf: 5, trees: 100 });
  const most = Math.max(...forestMeans(forest, x, rows));
  assert.ok(most > 0.02 && most <= 1 / 5, String(most));
});

test("the seed decides", () => {
  const x = Float32Array.from({ length: 60 }, (_, i) => Math.sin(i * i));
  const y = Array.from({ length: 30 }, (_, i) => i % 2);
  const fit = (seed: number) => fitExtraTrees(x, y, { ...options, trees: 5, seed });
  assert.deepEqual(fit(3), fit(3));
  assert.notDeepEqual(fit(3).value, fit(4).value);
});
