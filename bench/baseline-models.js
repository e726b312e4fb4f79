// What baselines.js and phase-1.js share: TOP's splits, and TF-IDF of the eligibility criteria with
// logistic regression, in the settings that give the figures published for scikit-learn on TOP phase I
// (words .688 PR-AUC and .663 ROC-AUC, characters .704 and .671).
import { bestF1Threshold, evaluate, evaluateAllPositive } from "../dist/evaluation/index.js";
import {
  applyTfIdf,
  fitLogisticRegression,
  fitTfIdf,
  probabilitiesOf,
} from "../dist/shallow/index.js";
import { readTrials } from "../dist/trial/index.js";

const BASELINES = {
  "TF-IDF words + LR": { analyzer: "word", ngrams: [1, 1], minTexts: 2, sublinear: true },
  "TF-IDF characters 3-5 + LR": {
    analyzer: "char_wb",
    ngrams: [3, 5],
    minTexts: 5,
    sublinear: true,
  },
};

/** Train, validation and test from three files in TOP's CSV format; by default TOP phase I. */
export function readSplits(files) {
  const defaults = ["train", "valid", "test"].map(
    (split) => new URL(`../../shared/data/top/phase_I_${split}.csv`, import.meta.url).pathname,
  );
  return (files.length > 0 ? files : defaults).map((file) => {
    const { records } = readTrials(file, { requireLabel: true });
    return {
      file,
      trials: records.map(({ trial }) => trial),
      labels: records.map(({ outcome }) => outcome.label),
    };
  });
}

/** Models fitted on train: a name, and trials → P(success). */
export function fitBaselines({ trials, labels }) {
  const textsOf = (some) => some.map(({ eligibilityCriteria }) => eligibilityCriteria);
  return Object.entries(BASELINES).map(([model, options]) => {
    const vocabulary = fitTfIdf(textsOf(trials), options);
    const fitted = fitLogisticRegression(applyTfIdf(vocabulary, textsOf(trials)), labels);
    const predict = (some) => probabilitiesOf(fitted, applyTfIdf(vocabulary, textsOf(some)));
    return { model, predict };
  });
}

/** Rows of the table: "all positive", then each model, with its threshold of F1 from validation. */
export function tableRows(models, valid, { trials, labels }, seed) {
  return [
    { model: "all positive", result: evaluateAllPositive(labels, seed) },
    ...models.map(({ model, predict }) => {
      const threshold = bestF1Threshold(valid.labels, predict(valid.trials));
      const probabilities = predict(trials);
      return { model, result: evaluate({ labels, probabilities, threshold, seed }) };
    }),
  ];
}
