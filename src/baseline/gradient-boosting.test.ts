import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../base/random.js";
import { type BoostingSettings, boost } from "./gradient-boosting.js";
import { OPTIONS, REFERENCE, rowsOf } from "./test-support.js";

const { train, labels, test: unseen, boosting: expected } = REFERENCE;
const training = { features: rowsOf(train), labels };
/** As bench/reference/trees.py sets XGBoost. */
const SETTINGS: BoostingSettings = {
  learningRate: 0.3,
  maxDepth: 3,
  lambda: 1,
  minChildWeight: 1,
  subsample: 1,
  columnSample: 1,
  rounds: 5,
  patience: 2,
};

test("five rounds give the logits of XGBoost", () => {
  const actual = boost(training, undefined, SETTINGS, OPTIONS)(rowsOf(unseen));
  expected.forEach((logit, row) => {
    assert.ok(Math.abs(actual[row]! - logit) < 1e-5, `row ${row}: ${actual[row]} is not ${logit}`);
  });
});

test("validation rows say how many trees to keep", () => {
  const random = new Random("coins");
  const coins = { ...training, labels: labels.map(() => random.integer(2)) };
  const rows = rowsOf(unseen);
  const logits = (rounds: number, validation?: typeof training) =>
    boost(training, validation, { ...SETTINGS, rounds }, OPTIONS)(rows);
  // Trained rows as validation: every tree helps. Opposite labels: each makes it worse than the first.
  assert.deepEqual(logits(20, training), logits(20));
  assert.deepEqual(
    logits(20, { ...training, labels: labels.map((label) => 1 - label) }),
    logits(1),
  );
  assert.notDeepEqual(logits(20, coins), logits(20));
});

test("samples of rows and columns are drawn for each tree by the seed", () => {
  const sampled = (seed: number) =>
    boost(
      training,
      undefined,
      { ...SETTINGS, subsample: 0.5, columnSample: 0.4 },
      {
        ...OPTIONS,
        seed,
      },
    )(rowsOf(unseen));
  assert.deepEqual(sampled(1), sampled(1));
  assert.notDeepEqual(sampled(1), sampled(2));
});
