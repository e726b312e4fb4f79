// What does a GPU give? The tasks of bench/engine-tasks.js on the execution providers of onnxruntime,
// and beside them PyTorch on its GPU:
//
//   node bench/device.js [--providers cpu,webgpu] [--only language,pretrain,encode,biogpt]
//                        [--runs 10] [--threads CORES] [--python python3]
//
// On webgpu the parameters, and the moments of training, stay in the memory of the device; losses
// and hidden states come back. The error is ‖a − b‖ / ‖b‖ over what the first run gives, against the
// first provider: the hidden states, or the loss and the gradient (as AdamW's first moments).
import { availableParallelism, cpus } from "node:os";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { floats, Graph, nextName, stepFeeds } from "../dist/graph/index.js";
import { agreementOf, LEARNING_RATE, prepare } from "./engine-tasks.js";
import { median, start } from "./measure.js";

const { values: options } = parseArgs({
  options: {
    providers: { type: "string", default: "cpu,webgpu" },
    only: { type: "string", default: "language,pretrain,encode,biogpt" },
    runs: { type: "string", default: "10" },
    threads: { type: "string", default: `${availableParallelism()}` },
    python: { type: "string", default: "python3" },
  },
});
const RUNS = Number(options.runs);
const THREADS = Number(options.threads);

const open = (graph, provider, kept = []) =>
  InferenceSession.create(graph.toOnnx(), {
    executionProviders: [provider],
    intraOpNumThreads: THREADS,
    logSeverityLevel: 3,
    ...(provider !== "cpu" && {
      preferredOutputLocation: Object.fromEntries(kept.map((name) => [name, "gpu-buffer"])),
    }),
  });

/**
 * Copies by a graph that does nothing: into the memory of the device, or back. What is there lives as
 * long as the session.
 */
async function copy(values, provider, { keep }) {
  const graph = new Graph();
  for (const [name, { dims, type }] of Object.entries(values))
    graph.output(nextName(name), graph.node("Identity", [graph.input(name, dims, type)], dims));
  const session = await open(graph, provider, keep ? [...graph.outputs.keys()] : []);
  const results = await session.run(values);
  const copies = Object.keys(values).map((name) => [name, results[nextName(name)]]);
  return { copies: Object.fromEntries(copies), session };
}

const pick = (values, names) => Object.fromEntries(names.map((name) => [name, values[name]]));

/** Times a task on a provider; `first` is what its first run gives, by name. */
async function measure({ graph, feeds, description }, provider) {
  const { adam, values } = description;
  const trained = values.filter((value) => value.trained).map(({ name }) => name);
  const kept = [...graph.outputs.keys()].filter((name) => name.endsWith(nextName("")));
  const opening = performance.now();
  const session = await open(graph, provider, kept);
  const opened = (performance.now() - opening) / 1000;

  const inputs = Object.fromEntries(
    graph.inputs
      .filter(({ name }) => name in feeds)
      .map(({ name, shape, type }) => [name, new Tensor(type, feeds[name], shape)]),
  );
  const resident = Object.keys(inputs).filter(
    (name) => trained.includes(name) || kept.includes(nextName(name)),
  );
  const upload = await copy(pick(inputs, resident), provider, { keep: true });
  Object.assign(inputs, upload.copies);

  const times = [];
  let results;
  let first;
  for (let run = 0; run <= RUNS; run++) {
    const start = performance.now();
    if (adam)
      for (const [name, numbers] of Object.entries(stepFeeds(run + 1, LEARNING_RATE, adam)))
        inputs[name] = new Tensor("float32", numbers, []);
    results = await session.run(inputs);
    for (const name of resident.filter((name) => nextName(name) in results)) {
      inputs[name].dispose();
      inputs[name] = results[nextName(name)];
    }
    times.push((performance.now() - start) / 1000);
    first ??= await firstOf(results, provider);
  }

  for (const name of resident) inputs[name].dispose();
  await session.release();
  await upload.session.release();
  const [warmUp, ...rest] = times;
  return {
    seconds: median(rest),
    warmUp: opened + warmUp,
    agreement: agreementOf(results, description),
    first,
  };
}

/** The numbers to compare: everything but parameters and second moments, which follow from the gradient. */
async function firstOf(results, provider) {
  const names = Object.keys(results).filter((name) => !/(?<!\.m)\.next$/.test(name));
  const { copies, session } = await copy(pick(results, names), provider, { keep: false });
  await session.release();
  return Object.fromEntries(names.map((name) => [name, floats(copies[name])]));
}

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
  const prepared = prepare(task);
  const { tokens } = prepared.description;
  const row = (device, { seconds, warmUp, agreement }, error) =>
    table.push([
      task,
      device,
      seconds.toFixed(4),
      Math.round(tokens / seconds),
      warmUp.toFixed(2),
      agreement.toPrecision(6),
      error,
    ]);
  let reference;
  for (const provider of options.providers.split(",")) {
    try {
      const measured = await measure(prepared, provider);
      reference ??= measured.first;
      row(provider, measured, errorOf(measured.first, reference).toExponential(1));
    } catch (error) {
      table.push([task, provider, { colSpan: 5, content: "failed" }]);
      console.error(`${task} on ${provider}: ${error.message}`);
    }
  }
  const torch = await measureTorch(prepared.description);
  if (torch) row(`PyTorch ${torch.version}`, torch, "");
}
console.log(table.toString());
console.log(`${THREADS} threads on ${cpus()[0].model}.`);
