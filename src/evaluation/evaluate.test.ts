import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate, evaluateAllPositive } from "./evaluate.js";
import { evaluationTable } from "./table.js";

const labels = [1, 1, 0, 1, 0, 1, 1, 0];
const probabilities = [0.9, 0.8, 0.7, 0.6, 0.4, 0.4, 0.3, 0.2];

test("an evaluation holds each figure under its name", () => {
  const result = evaluate({ labels, probabilities, threshold: 0.5, seed: 3, resamples: 200 });
  assert.equal(result.n, 8);
  assert.equal(result.positives, 5);
  assert.equal(result.threshold, 0.5);
  assert.equal(result.f1, 6 / 9);
  // Successes before each failure: 2 of 5, then 3 and one tie, then all.
  assert.equal(result.rocAuc, (2 + 3.5 + 5) / 15);
  for (const name of ["prAuc", "rocAuc"] as const) {
    const [low, high] = result.interval[name];
    assert.ok(low < result[name] && result[name] < high, name);
  }
  // Three of the four called positive succeed (recall 3/5); all eight follow.
  assert.ok(Math.abs(result.binarisedPrAuc - (0.6 * 0.75 + 0.4 * 0.625)) < 1e-12);
});

test("always yes: prevalence, no ranking, F1 of recall 1", () => {
  const result = evaluateAllPositive(labels, 3);
  assert.equal(result.prAuc, 5 / 8);
  assert.equal(result.rocAuc, 0.5);
  assert.deepEqual(result.interval.rocAuc, [0.5, 0.5]);
  assert.equal(result.f1, 10 / 13);
  assert.equal(result.brier, 3 / 8);
  assert.equal(result.ece, 3 / 8);
});

test("the table names the binarised figure as such and is plain text where there is no terminal", () => {
  const text = evaluationTable([{ model: "all positive", result: evaluateAllPositive(labels, 3) }]);
  assert.match(text, /HINT-compatible PR-AUC/);
  assert.match(text, /\(0\/1 decisions\)/);
  assert.match(
    text,
    /all positive .* 0\.625 \[0\.\d{3}, (0|1)\.\d{3}\] .* 0\.500 \[0\.500, 0\.500\]/,
  );
  assert.equal(text.includes("\u001b"), process.stdout.isTTY === true);
});
