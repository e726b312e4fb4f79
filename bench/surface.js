// What does the surface level reach alone, next to the counts it is built from? Five seeds.
//
//   npm run build && node bench/surface.js [TRAIN.csv VALID.csv TEST.csv]
//
// About a minute a seed. All settings were chosen by cross-validation on train; the test trials are
// scored by the final setting only.
import { averagePrecision, evaluationTable, rocAuc } from "../dist/evaluation/index.js";
import { fitSurface } from "../dist/surface/index.js";
import { fitBaselines, readSplits, tableRows } from "./baseline-models.js";

const SEEDS = [1, 2, 3, 4, 5];
const [train, valid, test] = readSplits(process.argv.slice(2));
const sigmoid = (x) => 1 / (1 + Math.exp(-x));

const outOfFold = [];
const surfaces = SEEDS.map((seed) => {
  const fitted = fitSurface(train.trials, train.labels, { seed });
  outOfFold.push(fitted.outOfFold);
  const predict = (trials) => fitted.level.logits(trials).map(sigmoid);
  return { model: `surface level, seed ${seed}`, predict };
});
const models = [...fitBaselines(train), ...surfaces];

for (const split of [valid, test]) {
  console.log(`${split.file}: ${split.labels.length} trials`);
  console.log(evaluationTable(tableRows(models, valid, split, SEEDS[0])));
}

const meanAndDeviation = (values) => {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const squares = values.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  return `${mean.toFixed(4)} ± ${Math.sqrt(squares / (values.length - 1)).toFixed(4)}`;
};
console.log(`Surface level, mean ± standard deviation over seeds ${SEEDS.join(", ")}:`);
const scored = {
  "train, out of fold": [train.labels, outOfFold],
  validation: [valid.labels, surfaces.map(({ predict }) => predict(valid.trials))],
  test: [test.labels, surfaces.map(({ predict }) => predict(test.trials))],
};
for (const [name, [labels, scores]] of Object.entries(scored)) {
  const figures = [averagePrecision, rocAuc].map((metric) =>
    meanAndDeviation(scores.map((s) => metric(labels, s))),
  );
  console.log(`  ${name.padEnd(20)}PR-AUC ${figures[0]}  ROC-AUC ${figures[1]}`);
}
