// What do word and character counts alone reach? The rows every model has to beat.
//
//   npm run build && node bench/baselines.js [TRAIN.csv VALID.csv TEST.csv]
//
// TOP's CSV format; without arguments TOP phase I beside the checkout. Both baselines are TF-IDF of the
// eligibility criteria with logistic regression, fitted on train; the threshold of F1 comes from
// validation. Settings: those that give the figures published for scikit-learn on TOP phase I
// (words .688 PR-AUC and .663 ROC-AUC, characters .704 and .671).
import {
  bestF1Threshold,
  evaluate,
  evaluateAllPositive,
  evaluationTable,
} from "../dist/evaluation/index.js";
import {
  applyTfIdf,
  fitLogisticRegression,
  fitTfIdf,
  probabilitiesOf,
} from "../dist/surface/index.js";
import { readTrials } from "../dist/trial/index.js";

const SEED = 1;
const BASELINES = {
  "TF-IDF words + LR": { analyzer: "word", ngrams: [1, 1], minTexts: 2, sublinear: true },
  "TF-IDF characters 3-5 + LR": {
    analyzer: "char_wb",
    ngrams: [3, 5],
    minTexts: 5,
    sublinear: true,
  },
};

const defaults = ["train", "valid", "test"].map(
  (split) => new URL(`../../shared/data/top/phase_I_${split}.csv`, import.meta.url).pathname,
);
const files = process.argv.length > 2 ? process.argv.slice(2) : defaults;
const [train, valid, test] = files.map((file) => {
  const { records } = readTrials(file, { requireLabel: true });
  return {
    criteria: records.map(({ trial }) => trial.eligibilityCriteria),
    labels: records.map(({ outcome }) => outcome.label),
  };
});

const rows = [{ model: "all positive", result: evaluateAllPositive(test.labels, SEED) }];
for (const [model, options] of Object.entries(BASELINES)) {
  const vocabulary = fitTfIdf(train.criteria, options);
  const fitted = fitLogisticRegression(applyTfIdf(vocabulary, train.criteria), train.labels);
  const predict = ({ criteria }) => probabilitiesOf(fitted, applyTfIdf(vocabulary, criteria));
  const threshold = bestF1Threshold(valid.labels, predict(valid));
  const result = evaluate({
    labels: test.labels,
    probabilities: predict(test),
    threshold,
    seed: SEED,
  });
  rows.push({ model, result });
}
console.log(`${files[2]}: ${test.labels.length} trials`);
console.log(evaluationTable(rows));
