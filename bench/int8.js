// What does an encoder in int8 change? Encodes the criteria of TOP's phase I with the shipped encoder in float32
// and in int8, and prints
//
// - how far the hidden states of each level are apart, on validation trials;
// - how far the shipped model's probabilities move when it is quantised;
// - the ROC-AUC of models that are fine-tuned on either, with DeLong's test. They start without pre-training,
//   whose base would be of one encoder. Nothing is chosen by these figures.
//
//   npm run build && node bench/int8.js [--seeds 1] [--threads 2] [--out runs/int8] [--data ../shared/data/top]
//
// Needs ../shared/data. Fine-tunings that are done are read from --out.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { readText } from "../dist/base/file.js";
import { fromFloat16 } from "../dist/base/float16.js";
import { dataPath } from "../dist/base/test-data.js";
import { SHIPPED_CONDITIONS } from "../dist/disease/index.js";
import { SHIPPED_VOCABULARY } from "../dist/drug/index.js";
import { delong, delongTest } from "../dist/evaluation/index.js";
import { cpu } from "../dist/graph/index.js";
import { countBlocks, loadEncoder } from "../dist/language/index.js";
import { quantizeEncoder } from "../dist/language/quantize.js";
import { levelsOf } from "../dist/model/index.js";
import { loadPredictor, SHIPPED_MODEL } from "../dist/serving/index.js";
import { quantizeModel } from "../dist/serving/quantize.js";
import { finetune } from "../dist/training/finetune.js";
import { plainText, readTrials } from "../dist/trial/index.js";

const { values: options } = parseArgs({
  options: {
    data: { type: "string", default: dataPath("top") },
    seeds: { type: "string", default: "1" },
    threads: { type: "string", default: "2" },
    out: { type: "string", default: "runs/int8" },
  },
});
const threads = Number(options.threads);
const fileOf = (split) => join(options.data, `phase_I_${split}.csv`);
if (!existsSync(fileOf("test"))) {
  console.log(`${fileOf("test")} is absent: nothing is measured.`);
  process.exit();
}
const silent = { report() {}, say() {}, stopping: () => false };
const splits = Object.fromEntries(
  ["valid", "test"].map((split) => [split, readTrials(fileOf(split), {}).records]),
);

const folders = { float32: join(SHIPPED_MODEL, "encoder"), int8: join(options.out, "encoder") };
if (!existsSync(join(folders.int8, "config.json")))
  await quantizeEncoder({ encoder: folders.float32, out: folders.int8 }, silent);

// Hidden states
const { config } = JSON.parse(readText(join(SHIPPED_MODEL, "model.json")));
const levels = levelsOf(config, countBlocks(folders.float32));
const texts = splits.valid.map(({ trial }) => plainText(trial.eligibilityCriteria));
const states = {};
for (const [name, folder] of Object.entries(folders)) {
  const encoder = loadEncoder(folder, levels, cpu(threads));
  states[name] = await encoder.encode(texts);
  await encoder.release();
}
const style = { head: [], border: [] };
const table = new Table({
  head: ["blocks", "relative error", "cosine of a token, mean", "least"],
  style,
});
for (const [level, { from, to }] of levels.entries()) {
  let [error, size, cosines, least, tokens] = [0, 0, 0, 1, 0];
  for (const [i, exact] of states.float32.entries()) {
    const [a, b] = [exact, states.int8[i]].map((one) => fromFloat16(one.levels[level]));
    for (let begin = 0; begin < a.length; begin += exact.width) {
      let [ab, aa, bb] = [0, 0, 0];
      for (let j = begin; j < begin + exact.width; j++) {
        ab += a[j] * b[j];
        aa += a[j] ** 2;
        bb += b[j] ** 2;
      }
      error += aa - 2 * ab + bb;
      size += aa;
      const cosine = ab / Math.sqrt(aa * bb);
      cosines += cosine;
      least = Math.min(least, cosine);
      tokens++;
    }
  }
  const figures = [Math.sqrt(error / size), cosines / tokens, least].map((x) => x.toFixed(5));
  table.push([`${from} to ${to}`, ...figures]);
}
console.log(table.toString());

/** P(success) of trials by the model in a folder. */
async function probabilities(folder, records) {
  const predictor = await loadPredictor(folder, cpu(threads));
  const predictions = await predictor.predict(records.map(({ trial }) => trial));
  await predictor.release();
  return Float64Array.from(predictions, ({ probability }) => probability);
}
const labels = (records) => Float32Array.from(records, ({ outcome }) => outcome.label);

const results = new Table({
  head: [
    "model",
    "trials",
    "ROC-AUC float32",
    "int8",
    "difference",
    "95 %",
    "p",
    "mean |Δp|",
    "most",
  ],
  style,
});
async function compare(name, models) {
  for (const [split, records] of Object.entries(splits)) {
    const [exact, rounded] = [
      await probabilities(models.float32, records),
      await probabilities(models.int8, records),
    ];
    const changes = exact.map((p, i) => Math.abs(p - rounded[i]));
    const test = delongTest(labels(records), rounded, exact);
    results.push([
      name,
      split,
      delong(labels(records), exact).rocAuc.toFixed(4),
      delong(labels(records), rounded).rocAuc.toFixed(4),
      test.difference.toFixed(4),
      test.interval.map((end) => end.toFixed(4)).join(" to "),
      test.p.toFixed(2),
      (changes.reduce((a, b) => a + b) / changes.length).toFixed(4),
      Math.max(...changes).toFixed(4),
    ]);
  }
}

const small = join(options.out, "shipped");
if (!existsSync(join(small, "model.json")))
  await quantizeModel({ model: SHIPPED_MODEL, out: small }, silent);
await compare("shipped, quantised", { float32: SHIPPED_MODEL, int8: small });

for (const seed of options.seeds.split(",").map(Number)) {
  const models = {};
  for (const [name, encoder] of Object.entries(folders)) {
    const out = join(options.out, `${name}-${seed}`);
    const begin = performance.now();
    const resume = existsSync(join(out, "config.json"));
    const done = existsSync(join(out, "model", "model.json"));
    const { model } = done
      ? { model: join(out, "model") }
      : await finetune(
          {
            train: [fileOf("train")],
            valid: [fileOf("valid")],
            encoder,
            preset: "default",
            out,
            resume,
            skipInvalid: false,
            drugs: SHIPPED_VOCABULARY,
            conditions: SHIPPED_CONDITIONS,
            cache: join(options.out, "cache"),
            cacheLimit: 10,
            seed,
            ...cpu(threads),
          },
          silent,
        );
    models[name] = model;
    if (!done) console.log(`${out}: ${((performance.now() - begin) / 1000).toFixed(0)} s`);
  }
  await compare(`fine-tuned, seed ${seed}`, models);
}
console.log(results.toString());
