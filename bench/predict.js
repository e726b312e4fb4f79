// How fast does the shipped model predict and explain? Trials a second by lots of several sizes, the parts of a
// prediction (medians over the trials, each the best of some repetitions), and how long explanations take.
//
//   node bench/predict.js [--trials 48] [--explained 12] [--threads 2] [--model models/top]
//                         [--data ../shared/data/top/phase_I_valid.csv]
//
// Without real data: the examples, again and again. The parts are those of src/serving/predictor.ts. Measure on a
// quiet machine.
import { existsSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { dataPath } from "../dist/base/test-data.js";
import { SHIPPED_CONDITIONS } from "../dist/disease/index.js";
import { SHIPPED_VOCABULARY } from "../dist/drug/index.js";
import { countBlocks, loadEncoder } from "../dist/language/index.js";
import {
  createEnsemble,
  createGrouper,
  describeTrial,
  levelsOf,
  loadResources,
  meanStates,
  readModel,
  shallowInput,
} from "../dist/model/index.js";
import { loadPredictor, SHIPPED_MODEL } from "../dist/serving/index.js";
import { featuresOf, levelLogits, readLevels } from "../dist/shallow/index.js";
import { readTrials } from "../dist/trial/index.js";
import { median } from "./measure.js";

const { values: options } = parseArgs({
  options: {
    trials: { type: "string", default: "48" },
    explained: { type: "string", default: "12" },
    threads: { type: "string", default: "2" },
    model: { type: "string", default: SHIPPED_MODEL },
    data: { type: "string", default: dataPath("top/phase_I_valid.csv") },
  },
});
const REPETITIONS = 5;
const LOTS = [8, 4, 2, 1];
const EXAMPLES = fileURLToPath(new URL("../examples/trials.json", import.meta.url));
const file = existsSync(options.data) ? options.data : EXAMPLES;
const all = readTrials(file, {}).records.map(({ trial }) => trial);
const trials = Array.from({ length: Number(options.trials) }, (_, i) => all[i % all.length]);
const processor = { device: "cpu", threads: Number(options.threads) };
console.log(`${file}: ${trials.length} trials, load ${loadavg()[0].toFixed(1)}`);

const predictor = await loadPredictor(options.model, processor);
/** Trials a second, after every graph was built. */
async function rate(size) {
  const run = async () => {
    const start = performance.now();
    for (let i = 0; i < trials.length; i += size)
      await predictor.predict(trials.slice(i, i + size));
    return (1000 * trials.length) / (performance.now() - start);
  };
  await run();
  return run();
}
for (const lot of LOTS)
  console.log(`predictions a second, by lots of ${lot}: ${(await rate(lot)).toFixed(1)}`);
const latencies = [];
const waits = [];
for (const trial of trials.slice(0, Number(options.explained))) {
  const start = performance.now();
  const explanation = predictor.explain(trial);
  await new Promise((resolve) => setTimeout(resolve));
  const asked = performance.now();
  await predictor.predict([trials[0]]);
  waits.push(performance.now() - asked);
  await explanation;
  latencies.push(performance.now() - start);
}
await predictor.release();
console.log(
  `explanations, with a prediction asked for meanwhile: ${median(latencies).toFixed(0)} ms in the median, ` +
    `${Math.max(...latencies).toFixed(0)} at most; that prediction: ${median(waits).toFixed(0)} and ${Math.max(...waits).toFixed(0)} ms`,
);

const { card, parameters } = readModel(options.model, "model");
const { config } = card;
const folder = join(options.model, "encoder");
const encoder = loadEncoder(folder, levelsOf(config, countBlocks(folder)), processor);
const resources = await loadResources(SHIPPED_VOCABULARY, SHIPPED_CONDITIONS);
const table = new Map(card.diseases.map((token, i) => [token, i + 1]));
const levels = readLevels(join(options.model, "shallow.safetensors"));
const single = { ...processor, threads: 1 };
const settings = { depth: encoder.width, batch: 1, processor: single, seed: 0 };
const grouper = await createGrouper(config, parameters, settings);
const ensemble = createEnsemble(config, table, parameters, card.members, single);
const times = new Map();
async function time(part, size, work) {
  let [best, result] = [Number.POSITIVE_INFINITY];
  for (let i = 0; i < REPETITIONS; i++) {
    const start = performance.now();
    result = await work();
    best = Math.min(best, performance.now() - start);
  }
  times.set(part, [...(times.get(part) ?? []), best / size]);
  return result;
}
for (const size of LOTS) {
  times.clear();
  for (let first = 0; first < Math.min(trials.length, 3 * LOTS[0]); first += size) {
    const lot = trials.slice(first, first + size);
    const features = await time("describing", size, () =>
      lot.map((trial) => describeTrial(trial, resources)),
    );
    await time("tokens", size, () => features.map(({ text }) => encoder.countTokens(text)));
    const states = await time("encoding", size, () =>
      encoder.encode(features.map(({ text }) => text)),
    );
    const grouped = await time("grouping", size, () => grouper.group(states));
    const rows = features.map((one, i) => ({ features: one, grouped: grouped[i] }));
    const opinions = await time("base and heads", size, () => ensemble.judge(rows));
    const means = await time("mean states", size, () => states.map(meanStates));
    const numbers = await time("shallow features", size, () =>
      featuresOf(
        levels.space,
        features.map((one, i) =>
          shallowInput(one, means[i], grouped[i], config.width, opinions[i].match),
        ),
      ),
    );
    await time("shallow models", size, () =>
      levels.members.map((level) => levelLogits(level, numbers)),
    );
  }
  console.log(`ms a trial, by lots of ${size} (medians; best of ${REPETITIONS})`);
  for (const [part, values] of times)
    console.log(`  ${part.padEnd(18)}${median(values).toFixed(2)}`);
}
