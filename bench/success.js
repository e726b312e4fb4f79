// Does it say anything of success that a trial's drug was approved, that its criteria are like those of
// known successes, that its criteria match its drugs? ROC-AUC on the training and validation trials of
// TOP's phases, by their labels; the scored trials are not looked at. What the ranking of success in
// pre-training rests on, and how much the drugs' side may say beside the criteria's.
//
//   npm run build && node bench/success.js [--out runs/benchmark] [--config benchmarks/top.yaml]
//
// The bases are those that `cladmop benchmark` made for the methods ranking and matching.
import { parseArgs } from "node:util";
import { fitKnownSuccess } from "../dist/baseline/zero-shot/index.js";
import { readConfig } from "../dist/benchmark/config.js";
import { Context } from "../dist/benchmark/context.js";
import { gridOf } from "../dist/benchmark/grid.js";
import { hashAll } from "../dist/benchmark/run.js";
import { readApproved } from "../dist/drug/index.js";
import { rocAuc } from "../dist/evaluation/index.js";
import { cpu } from "../dist/graph/index.js";
import { collectSct } from "../dist/sct/index.js";

const { values: options } = parseArgs({
  options: {
    config: { type: "string", default: "benchmarks/top.yaml" },
    out: { type: "string", default: "runs/benchmark" },
    cache: { type: "string", default: ".cladmop/cache" },
  },
});
const SAYS = [0, 0.1, 0.2, 0.3, 0.5, 1];

const config = readConfig(options.config);
const watcher = { report() {}, say: console.error, stopping: () => false };
const context = new Context({ ...options, config, cacheLimit: 30, ...cpu(2) }, watcher);
const experiments = [{ task: "zero-shot", methods: ["ranking", "matching"], seeds: [1] }];
const cells = gridOf({ ...config, experiments }, hashAll(config, context.vocabularies), () => []);
const baseOf = (name) => cells.find(({ method }) => method === name).model.base;

const resources = await context.resources();
const { molecules } = readApproved(config.pretraining.approved, resources.chemistry);
const approved = new Set(molecules);
const { trials } = await collectSct(context.sctSources(), resources, options.out, watcher);
const knownSuccess = fitKnownSuccess(trials);

describe("known successes", (trial) => trial.known);
describe("others", (trial) => !trial.known);
const byNumber = rocAuc(
  trials.map(({ known }) => Number(known)),
  trials.map(({ nctId }) => Number(nctId.slice(3))),
);
console.log(
  `By NCT number alone, known successes are told from others with ROC-AUC ${byNumber.toFixed(3)}`,
);

const rows = {};
for (const dataset of Object.keys(config.datasets))
  for (const part of ["train", "valid"]) {
    const { trials: some, labels } = (await context.splits(dataset))[part];
    const features = some.map((trial) => trial.features);
    const figure = (scores) => rocAuc(labels, scores).toFixed(3);
    const ranked = await context.matches(baseOf("ranking"), dataset, part);
    const matched = await context.matches(baseOf("matching"), dataset, part);
    rows[`${dataset} ${part}`] = {
      trials: labels.length,
      "an approved drug": figure(features.map((one) => Number(one.molecules.some(isApproved)))),
      "TF-IDF, known success or other": figure(knownSuccess(features.map(({ text }) => text))),
      "matching alone": figure(matched.map(({ score }) => score)),
      "criteria ranked": figure(ranked.map(({ success }) => success[0])),
      "drugs ranked": figure(ranked.map(({ success }) => success[1])),
      ...Object.fromEntries(
        SAYS.map((say) => [
          `criteria + ${say} drugs`,
          figure(ranked.map(({ success: [criteria, drugs] }) => criteria + say * drugs)),
        ]),
      ),
    };
  }
console.table(rows);

/** How many trials of a kind there are of each phase. */
function describe(kind, holds) {
  const chosen = trials.filter(holds);
  const phases = [...new Set(chosen.map(({ phase }) => phase))].sort();
  const counts = phases.map(
    (phase) => `${chosen.filter((trial) => trial.phase === phase).length} of phase ${phase}`,
  );
  console.log(`${chosen.length} ${kind}: ${counts.join(", ")}`);
}
function isApproved({ smiles }) {
  return approved.has(resources.chemistry.canonical(smiles));
}
