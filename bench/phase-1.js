// TOP phase I, official split: every model is fitted on the training trials, stopped and calibrated
// on the validation trials and scored once on the test trials; the baselines stand in the same table.
//
//   node bench/phase-1.js --base runs/pretrain [--paper-base runs/pretrain-paper] [--seeds 5]
//                         [--encoder models/top/encoder] [--data ../shared/data/top] [--only NAME]
//
// Rows: all positive, TF-IDF with logistic regression (words, characters), CLaDMoP (default preset)
// with and without pre-training, and the paper preset with and without pre-training. Finished runs are
// kept under --out and not computed again; --only default (or default-scratch, paper, paper-scratch)
// runs one row, in a process beside others.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readBytes, readText, sha256, writeWhole } from "../dist/base/file.js";
import { SHIPPED_CONDITIONS } from "../dist/disease/index.js";
import { SHIPPED_VOCABULARY } from "../dist/drug/index.js";
import {
  averagePrecision,
  evaluate,
  evaluateAllPositive,
  rocAuc,
} from "../dist/evaluation/index.js";
import { loadPredictor } from "../dist/serving/index.js";
import { finetune } from "../dist/training/finetune.js";
import { fitBaselines, readSplits } from "./baseline-models.js";

const { values: options } = parseArgs({
  options: {
    base: { type: "string", default: "runs/pretrain" },
    "paper-base": { type: "string" },
    seeds: { type: "string", default: "5" },
    encoder: { type: "string", default: "models/top/encoder" },
    data: { type: "string", default: "../shared/data/top" },
    only: { type: "string" },
    out: { type: "string", default: "runs/bench-phase-1" },
    threads: { type: "string", default: "2" },
  },
});
const files = ["train", "valid", "test"].map((part) => join(options.data, `phase_I_${part}.csv`));
const [train, valid, test] = readSplits(files);
const threads = Number(options.threads);
const watcher = { report() {}, say: console.error, stopping: () => false };
const rows = [{ model: "all positive", test: [evaluateAllPositive(test.labels, 1)] }];
for (const { model, predict } of fitBaselines(train)) {
  const score = ({ labels, trials }) => {
    const scores = predict(trials);
    return [{ prAuc: averagePrecision(labels, scores), rocAuc: rocAuc(labels, scores) }];
  };
  rows.push({ model, valid: score(valid), test: score(test) });
}

const variants = [
  { model: "CLaDMoP, default preset", name: "default", base: options.base },
  { model: "  without pre-training", name: "default-scratch", preset: "default" },
];
if (options["paper-base"])
  variants.push(
    { model: "CLaDMoP, paper preset", name: "paper", base: options["paper-base"] },
    { model: "  without pre-training", name: "paper-scratch", preset: "paper" },
  );
if (options.only && !variants.some(({ name }) => name === options.only))
  throw new Error(`--only ${options.only} is none of ${variants.map(({ name }) => name)}`);
for (const { model, name, base, preset = "default" } of variants) {
  if (options.only && options.only !== name) continue;
  const scored = [];
  const madeWith = {
    base: base ? sha256(readBytes(join(base, "base.safetensors"))) : null,
    encoder: sha256(readBytes(join(options.encoder, "model.safetensors"))),
  };
  for (let seed = 1; seed <= Number(options.seeds); seed++) {
    const out = join(options.out, `${name}-${seed}`);
    const kept = join(out, "figures.json");
    if (!existsSync(kept)) writeWhole(kept, JSON.stringify({ madeWith, ...(await fitAndScore()) }));
    scored.push(JSON.parse(readText(kept)));
    if (JSON.stringify(scored.at(-1).madeWith) !== JSON.stringify(madeWith))
      throw new Error(`${out} was made with another base or encoder: remove it`);
    const { prAuc, rocAuc: roc } = scored.at(-1).test;
    console.error(`${model}, seed ${seed}: PR-AUC ${prAuc.toFixed(4)}, ROC-AUC ${roc.toFixed(4)}`);

    async function fitAndScore() {
      // Goes on with a run that was cut off; one with another base or encoder is refused.
      const settings = {
        train: [train.file],
        valid: [valid.file],
        base,
        encoder: options.encoder,
        preset,
        drugs: SHIPPED_VOCABULARY,
        conditions: SHIPPED_CONDITIONS,
        seed,
        threads,
        cache: ".cladmop/cache",
        cacheLimit: 20,
        skipInvalid: false,
        out,
        resume: true,
      };
      await finetune(settings, watcher);
      const predictor = await loadPredictor(join(out, "model"), { threads });
      const { outOfFold, shallowOutOfFold, validation, threshold } = predictor.card;
      const predictions = await predictor.predict(test.trials, { reasons: false });
      await predictor.release();
      const probabilities = predictions.map(({ probability }) => probability);
      return {
        outOfFold,
        shallowOutOfFold,
        valid: validation,
        test: evaluate({ labels: test.labels, probabilities, threshold, seed }),
      };
    }
  }
  const columns = ["outOfFold", "shallowOutOfFold", "valid", "test"];
  const figures = columns.map((name) => [name, scored.flatMap((one) => one[name] ?? [])]);
  rows.push({ model, ...Object.fromEntries(figures) });
}

/** Mean ± standard deviation over the seeds. */
function spread(results, field) {
  const values = (results ?? []).map((result) => result[field]).filter((v) => v !== undefined);
  if (values.length === 0) return "";
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  if (values.length === 1) return mean.toFixed(3);
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1);
  return `${mean.toFixed(3)} ± ${Math.sqrt(variance).toFixed(3)}`;
}
console.table(
  rows.map(({ model, outOfFold, shallowOutOfFold, valid: onValid, test: onTest }) => ({
    model,
    "out of fold PR": spread(outOfFold, "prAuc"),
    "out of fold ROC": spread(outOfFold, "rocAuc"),
    "its shallow level ROC": spread(shallowOutOfFold, "rocAuc"),
    "valid PR": spread(onValid, "prAuc"),
    "valid ROC": spread(onValid, "rocAuc"),
    "test PR-AUC": spread(onTest, "prAuc"),
    "test ROC-AUC": spread(onTest, "rocAuc"),
    "test F1": spread(onTest, "f1"),
    "test Brier": spread(onTest, "brier"),
    "test ECE": spread(onTest, "ece"),
  })),
);
console.log("Published: CLaDMoP .680 ± .016 PR-AUC, .642 ± .015 ROC-AUC (arXiv 2505.18527).");
