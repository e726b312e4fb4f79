import assert from "node:assert/strict";
import { test } from "node:test";
import { dataPath, needsData } from "../base/test-data.js";
import { applyTfIdf, fitLogisticRegression, fitTfIdf, probabilitiesOf } from "../shallow/index.js";
import { readTrials } from "../trial/index.js";
import { averagePrecision, rocAuc } from "./metrics.js";

test(
  "TOP phase I, words: the figures scikit-learn gives",
  needsData("top/phase_I_train.csv", "top/phase_I_test.csv"),
  () => {
    const read = (split: string) => {
      const { records } = readTrials(dataPath(`top/phase_I_${split}.csv`), { requireLabel: true });
      return {
        criteria: records.map(({ trial }) => trial.eligibilityCriteria),
        labels: records.map(({ outcome }) => outcome.label!),
      };
    };
    const [train, held] = [read("train"), read("test")];
    const vocabulary = fitTfIdf(train.criteria, {
      analyzer: "word",
      ngrams: [1, 1],
      minTexts: 2,
      sublinear: true,
    });
    const model = fitLogisticRegression(applyTfIdf(vocabulary, train.criteria), train.labels);
    const probabilities = probabilitiesOf(model, applyTfIdf(vocabulary, held.criteria));
    // Expected values: scikit-learn 1.2.1.
    assert.ok(Math.abs(averagePrecision(held.labels, probabilities) - 0.6878591904) < 1e-9);
    assert.ok(Math.abs(rocAuc(held.labels, probabilities) - 0.6625257308) < 1e-9);
  },
);
