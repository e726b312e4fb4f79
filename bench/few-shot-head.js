// How strong should the penalty of the few-shot head be? Draws from the earlier training trials of TOP,
// scored on the later ones (bench/later-splits.js), by the base that benchmarks/rates.yaml has pre-trained;
// mean ROC-AUC over ten draws, for each data set and in the mean.
//
//   npm run build && node bench/few-shot-head.js [--out runs/rates]
import { parseArgs } from "node:util";
import { chooseTrials } from "../dist/benchmark/choose.js";
import { readConfig } from "../dist/benchmark/config.js";
import { Context } from "../dist/benchmark/context.js";
import { fewShotHead } from "../dist/benchmark/few-shot.js";
import { gridOf } from "../dist/benchmark/grid.js";
import { hashAll } from "../dist/benchmark/run.js";
import { rocAuc } from "../dist/evaluation/index.js";
import { cpu } from "../dist/graph/index.js";

const { values: options } = parseArgs({
  options: {
    config: { type: "string", default: "benchmarks/rates.yaml" },
    out: { type: "string", default: "runs/rates" },
    cache: { type: "string", default: ".cladmop/cache" },
  },
});
const SHOTS = [1, 4, 8, 16, 32, 64];
const DRAWS = 10;
const PENALTIES = [0.03, 0.1, 0.3, 1, 3, 10];

const config = readConfig(options.config);
const watcher = { report() {}, say: console.error, stopping: () => false };
const settings = { config, ...cpu(2), cacheLimit: 30, skipInvalid: false };
const context = new Context({ ...settings, out: options.out, cache: options.cache }, watcher);
const { base } = gridOf(config, hashAll(config, context.vocabularies), () => []).find(
  ({ method }) => method === "few-head",
).model;

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
/** Row → number of shots → mean ROC-AUC of each data set. */
const table = new Map();
function note(row, shots, figure) {
  const byShots = table.get(row) ?? new Map();
  table.set(row, byShots.set(shots, [...(byShots.get(shots) ?? []), figure]));
}
for (const dataset of Object.keys(config.datasets)) {
  const { train, test } = await context.splits(dataset);
  const pool = await context.matches(base, dataset, "train");
  const scored = (await context.matches(base, dataset, "test")).map((match) => ({ match }));
  for (const c of PENALTIES)
    for (const shots of SHOTS) {
      const figures = Array.from({ length: DRAWS }, (_, draw) => {
        const cell = { task: "few-shot", settings: { shots }, seed: draw + 1 };
        const rows = chooseTrials(cell, { train, test }).train;
        const training = rows.map((row) => ({ match: pool[row], label: train.labels[row] }));
        const head = fewShotHead({ training, scored, pool, pretrained: true, c });
        return rocAuc(test.labels, head);
      });
      for (const name of [dataset, "mean"]) note(`${name}, C ${c}`, `k = ${shots}`, mean(figures));
    }
}
console.table(
  Object.fromEntries(
    [...table].map(([row, byShots]) => [
      row,
      Object.fromEntries([...byShots].map(([shots, figures]) => [shots, mean(figures).toFixed(3)])),
    ]),
  ),
);
