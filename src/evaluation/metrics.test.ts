import assert from "node:assert/strict";
import { test } from "node:test";
import { InputError } from "../base/error.js";
import {
  accuracy,
  averagePrecision,
  bestF1Threshold,
  binarisedAveragePrecision,
  brier,
  f1,
  logLoss,
  rocAuc,
} from "./metrics.js";

const close = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}`);

const labels = [1, 0, 1, 1, 0, 0, 1, 0, 1, 0, 1, 0];
const scores = [0.9, 0.9, 0.8, 0.7, 0.7, 0.7, 0.6, 0.5, 0.5, 0.3, 0.3, 0.1];

test("tied scores give scikit-learn's figures", () => {
  // scikit-learn 1.2.1: average_precision_score, roc_auc_score, f1_score, brier_score_loss, log_loss
  close(averagePrecision(labels, scores), 0.5565175565175565);
  close(rocAuc(labels, scores), 0.5972222222222222);
  close(f1(labels, scores, 0.5), 2 / 3);
  close(f1(labels, scores, 0.7), 0.5);
  close(accuracy(labels, scores, 0.5), 7 / 12);
  close(brier(labels, scores), 0.265);
  close(logLoss(labels, scores), 0.7465698301137552);
  close(logLoss([1, 0, 1], [1, 1, 0.5]), 12.245600189892366);
  close(binarisedAveragePrecision(labels, scores, 0.7), 0.5);
});

test("figures of a ranking worked out by hand", () => {
  // Ranks of the successes: 1 and 3 of 4. Precision there: 1 and 2/3; 3 of 4 pairs are in order.
  const ranked = [4, 3, 2, 1];
  close(averagePrecision([1, 0, 1, 0], ranked), (1 + 2 / 3) / 2);
  close(rocAuc([1, 0, 1, 0], ranked), 3 / 4);
  close(f1([1, 0, 1, 0], ranked, 5), 0);
});

test("one score for all: prevalence, and a coin's ROC-AUC", () => {
  const same = [0.5, 0.5, 0.5, 0.5];
  close(averagePrecision([1, 1, 1, 0], same), 3 / 4);
  close(rocAuc([1, 1, 1, 0], same), 1 / 2);
});

test("the best threshold is the score with the highest F1, the higher of two", () => {
  assert.equal(bestF1Threshold([1, 0, 1, 0], [4, 3, 2, 1]), 2);
  // At 4: 2·1/(1+2); at 1: 2·2/(4+2): both 2/3.
  assert.equal(bestF1Threshold([1, 0, 0, 1], [4, 3, 2, 1]), 4);
});

test("what cannot be measured is refused", () => {
  assert.throws(() => rocAuc([1, 0], [0.5]), /2 labels, but 1 scores/);
  assert.throws(() => rocAuc([], []), /no labelled trials/);
  assert.throws(() => averagePrecision([1, 1], [0.5, 0.6]), /all 2 labels are 1/);
  assert.throws(() => rocAuc([1, 2], [0.5, 0.6]), /row 2, field "label": label 2/);
  assert.throws(() => f1([1, 0], [0.5, Number.NaN], 0.5), /row 2, field "score"/);
  assert.throws(() => binarisedAveragePrecision([1, 0], [Number.NaN, 1], 0.5), InputError);
  assert.throws(() => brier([1, 0], [0.5, 1.5]), /probability 1.5 is outside 0 to 1/);
});
