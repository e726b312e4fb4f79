// What does a GPU give? The tasks of bench/engine-tasks.js and the shipped model's predictions on each
// device, and beside them PyTorch on its GPU:
//
//   node bench/device.js [--devices cpu,webgpu] [--only language,pretrain,encode,predict,biogpt]
//                        [--runs 10] [--threads CORES] [--python python3]
//
// On webgpu the parameters, and the moments of training, stay in the memory of the device; losses
// and hidden states come back. The error is ‖a − b‖ / ‖b‖ over what the first run gives, against the
// first device: the hidden states, or the loss and the gradient (as AdamW's first moments), or the
// probabilities. It exits with 1 where something fails, or an error is above 1e-4.
import { availableParallelism, cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { compile, floats, nextName, stepFeeds, upload } from "../dist/graph/index.js";
import { loadPredictor, SHIPPED_MODEL } from "../dist/serving/index.js";
import { readTrials } from "../dist/trial/index.js";
import { agreementOf, LEARNING_RATE, prepare } from "./engine-tasks.js";
import { median, start } from "./measure.js";

const { values: options } = parseArgs({
  options: {
    devices: { type: "string", default: "cpu,webgpu" },
    only: { type: "string", default: "language,pretrain,encode,predict,biogpt" },
    runs: { type: "string", default: "10" },
    threads: { type: "string", default: `${availableParallelism()}` },
    python: { type: "string", default: "python3" },
  },
});
const RUNS = Number(options.runs);
const THREADS = Number(options.threads);
const EXAMPLES = fileURLToPath(new URL("../examples/trials.json", import.meta.url));
const TRIALS = readTrials(EXAMPLES).records.map(({ trial }) => trial);

/** Times a task on a device; `first` is what its first run gives, by name. */
async function measure({ graph, feeds, description }, processor) {
  const { adam, values, levels } = description;
  const trained = new Set(values.filter((value) => value.trained).map(({ name }) => name));
  const opening = performance.now();
  const session = await compile(graph, processor);
  const kept = graph.inputs.filter(
    ({ name }) => trained.has(name) || graph.outputs.has(nextName(name)),
  );
  const resident = await upload(
    new Map(kept.map(({ name, shape }) => [name, { shape, data: feeds[name] }])),
    processor,
  );
  const opened = (performance.now() - opening) / 1000;
  const inputs = Object.fromEntries(
    Object.entries(feeds).filter(([name]) => !(name in resident.feeds)),
  );

  const times = [];
  let results;
  let first;
  for (let run = 0; run <= RUNS; run++) {
    const start = performance.now();
    const step = adam && stepFeeds(run + 1, LEARNING_RATE, adam);
    results = await session.run({ ...resident.feeds, ...inputs, ...step });
    if (adam) resident.replace(results);
    times.push((performance.now() - start) / 1000);
    first ??= adam
      ? { loss: floats(results.loss), ...firstMoments(await resident.fetch()) }
      : Object.fromEntries(levels.map((level) => [level, floats(results[`level${level}`])]));
  }
  const agreement = agreementOf(results, description);
  await resident.release();
  await session.release();
  return timed(times, opened, { agreement, first });
}

/** Of AdamW after one step: the gradient, but for a factor. */
const firstMoments = (state) =>
  Object.fromEntries(
    [...state].filter(([name]) => name.endsWith(".m")).map(([name, { data }]) => [name, data]),
  );

/** The shipped model's predictions of the example trials, encoding and all. */
async function measurePredict(processor) {
  const opening = performance.now();
  const predictor = await loadPredictor(SHIPPED_MODEL, processor);
  const opened = (performance.now() - opening) / 1000;
  const times = [];
  let probabilities;
  for (let run = 0; run <= RUNS; run++) {
    const start = performance.now();
    const predictions = await predictor.predict(TRIALS);
    times.push((performance.now() - start) / 1000);
    probabilities = Float32Array.from(predictions, ({ probability }) => probability);
  }
  await predictor.release();
  const agreement = probabilities.reduce((sum, p) => sum + p, 0) / probabilities.length;
  return timed(times, opened, { agreement, first: { probabilities } });
}

const timed = ([warmUp, ...rest], opened, more) => ({
  seconds: median(rest),
  warmUp: opened + warmUp,
  ...more,
});

function errorOf(found, wanted) {
  let difference = 0;
  let size = 0;
  for (const [name, numbers] of Object.entries(wanted))
    numbers.forEach((x, i) => {
      difference += (found[name][i] - x) ** 2;
      size += x * x;
    });
  return Math.sqrt(difference / size);
}

/** The twin in PyTorch on its GPU; undefined without one. */
async function measureTorch(description) {
  const torch = start(options.python, ["reference/engine.py"]);
  const hello = await torch.ask(
    JSON.stringify({ ...description, threads: THREADS, device: "cuda" }),
  );
  if (!hello) return undefined;
  const warmUp = await torch.ask(1);
  const { times, agreement } = await torch.ask(RUNS);
  torch.end();
  return { seconds: median(times), warmUp: warmUp.times[0], agreement, version: hello.version };
}

const table = new Table({
  head: ["task", "device", "s/run", "tokens/s", "first run s", "result", "error"],
  style: { head: [], border: [] },
});
for (const task of options.only.split(",")) {
  const prepared = task === "predict" ? undefined : prepare(task);
  const tokens = prepared?.description.tokens;
  const row = (device, { seconds, warmUp, agreement }, error) =>
    table.push([
      task,
      device,
      seconds.toFixed(4),
      tokens ? Math.round(tokens / seconds) : "",
      warmUp.toFixed(2),
      agreement.toPrecision(6),
      error,
    ]);
  let reference;
  for (const device of options.devices.split(",")) {
    const processor = { device, threads: THREADS };
    try {
      const measured = await (prepared ? measure(prepared, processor) : measurePredict(processor));
      reference ??= measured.first;
      const error = errorOf(measured.first, reference);
      row(device, measured, error.toExponential(1));
      if (!(error <= 1e-4)) process.exitCode = 1;
    } catch (error) {
      table.push([task, device, { colSpan: 5, content: "failed" }]);
      console.error(`${task} on ${device}: ${error.message}`);
      process.exitCode = 1;
    }
  }
  const torch = prepared && (await measureTorch(prepared.description));
  if (torch) row(`PyTorch ${torch.version}`, torch, "");
}
console.log(table.toString());
console.log(`${THREADS} threads on ${cpus()[0].model}.`);
