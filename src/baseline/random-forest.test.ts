import assert from "node:assert/strict";
import { test } from "node:test";
import { forestMeans } from "../shallow/index.js";
import { fitRandomForest } from "./random-forest.js";
import { OPTIONS } from "./test-support.js";

test("a leaf says what its bootstrap rows say: P(1) between two rows", () => {
  // Both rows are drawn by half of the samples, which split in the middle; each alone by a quarter.
  const rows = { x: Float32Array.of(0, 1), rows: 2, columns: 1 };
  const forest = fitRandomForest(rows, [0, 1], OPTIONS);
  assert.equal(forest.roots.length, 500);
  const at = forestMeans(forest, Float32Array.of(0.4, 0.6), 2);
  assert.ok(Math.abs(at[0]! - 0.25) < 0.06 && Math.abs(at[1]! - 0.75) < 0.06, String(at));
});

test("leaves are pure, and each split sees some of the columns only", () => {
  const rows = 40;
  const columns = 9;
  const x = Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i * i));
  const labels = Array.from({ length: rows }, (_, row) => +(x[row * columns]! > 0));
  const { column, value, roots } = fitRandomForest({ x, rows, columns }, labels, OPTIONS);
  column.forEach((c, node) => {
    assert.ok(c >= 0 || value[node] === 0 || value[node] === 1);
  });
  const atRoot = [...roots].map((root) => column[root]!);
  assert.deepEqual([...new Set(atRoot)].length, columns);
  // Three of nine are tried, and the first tells the labels wherever it is among them.
  const share = atRoot.filter((c) => c === 0).length / roots.length;
  assert.ok(Math.abs(share - 1 / 3) < 0.08, String(share));
});
