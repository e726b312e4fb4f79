// What baselines.js and phase-1.js share: TOP's splits, and TF-IDF of the eligibility criteria with
// logistic regression.
import { tfIdfCharacters, tfIdfWords } from "../dist/baseline/index.js";
import { bestF1Threshold, evaluate, evaluateAllPositive } from "../dist/evaluation/index.js";
import { readTrials } from "../dist/trial/index.js";

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
  return [tfIdfWords, tfIdfCharacters].map(({ title, fitTexts }) => {
    const predict = fitTexts(textsOf(trials), labels);
    return { model: title, predict: (some) => predict(textsOf(some)) };
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
