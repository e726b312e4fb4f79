import assert from "node:assert/strict";
import { test } from "node:test";
import { forestMeans } from "../shallow/index.js";
import { fitAdaBoost } from "./adaboost.js";
import { OPTIONS, REFERENCE, rowsOf } from "./test-support.js";

test("votes are those of scikit-learn's AdaBoostClassifier (SAMME)", () => {
  const { train, labels, test: unseen, adaBoost: expected } = REFERENCE;
  const forest = fitAdaBoost(rowsOf(train), labels, OPTIONS);
  const { x, rows } = rowsOf(unseen);
  const actual = forestMeans(forest, x, rows);
  expected.forEach((vote, row) => {
    assert.ok(Math.abs(actual[row]! - vote) < 1e-6, `row ${row}`);
  });
});

test("a stump that errs nowhere is the only one; where none helps, nothing is said", () => {
  const votes = (x: number[], labels: number[]) => {
    const forest = fitAdaBoost(rowsOf(x, 1), labels, OPTIONS);
    return [...forestMeans(forest, Float32Array.from(x), x.length), forest.roots.length];
  };
  assert.deepEqual(votes([1, 2, 3], [0, 1, 1]), [-1, 1, 1, 1]);
  assert.deepEqual(votes([1, 1], [0, 1]), [0, 0, 1]);
});
