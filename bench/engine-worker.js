// One task of bench/engine.js in a process of its own: node bench/engine-worker.js TASK THREADS.
// First line out: what the task is made of, for the twin in PyTorch. Then, for each number of runs
// read from the input, one line with what they took.
import { createInterface } from "node:readline";
import { toFloat16 } from "../dist/base/float16.js";
import {
  ADAMW,
  adamW,
  compile,
  crossEntropy,
  floats,
  Graph,
  nextName,
  reshape,
  sizeOf,
  stepFeeds,
} from "../dist/graph/index.js";
import { bioGptLogits, bioGptParameters, bioGptStates } from "../dist/language/index.js";
import {
  criteriaSide,
  groupLevels,
  languageInputs,
  matchingLoss,
  matchingPair,
  moleculeInputs,
  moleculeSide,
  Parameters,
  PRESETS,
} from "../dist/model/index.js";

const BIOGPT = {
  model_type: "biogpt",
  vocab_size: 8192,
  hidden_size: 256,
  num_hidden_layers: 6,
  num_attention_heads: 4,
  intermediate_size: 1024,
  hidden_act: "gelu",
  max_position_embeddings: 256,
  scale_embedding: true,
  layer_norm_eps: 1e-12,
  bos_token_id: 0,
  pad_token_id: 1,
  eos_token_id: 2,
};
const WINDOWS = [8, BIOGPT.max_position_embeddings];
const LEVELS = [2, 4, 6];
const TABLES = { diseases: 2000, phases: 8 };
const LEARNING_RATE = 1e-3;

/** Each task declares its inputs in a graph and says which are parameters, and how the others are filled. */
const TASKS = {
  language(graph) {
    const parameters = bioGptInputs(graph);
    const ids = graph.input("ids", WINDOWS, "int32");
    const rows = [sizeOf(WINDOWS)];
    const targets = reshape(graph.input("targets", WINDOWS, "int32"), rows);
    const weights = reshape(graph.input("weights", WINDOWS), rows);
    const parameter = (name) => parameters.get(name);
    const logits = bioGptLogits(bioGptStates(BIOGPT, parameter, ids).at(-1), parameter);
    return {
      config: BIOGPT,
      tokens: sizeOf(WINDOWS),
      parameters,
      fill: { ids: { below: 8192 }, targets: { below: 8192 }, weights: { value: 1 } },
      loss: crossEntropy(logits, targets, weights),
      adam: { ...ADAMW, beta2: 0.98, weightDecay: 0.1 },
    };
  },

  pretrain(graph) {
    const config = PRESETS.default;
    const { batch, weightDecay } = config.pretraining;
    const parameters = new Parameters(graph);
    const { states, mask } = languageInputs(graph, {
      levels: config.levels.length,
      batch,
      tokens: config.tokens,
      depth: BIOGPT.hidden_size,
    });
    const pair = matchingPair(
      parameters,
      config,
      criteriaSide(parameters, config, groupLevels(parameters, config, states, mask)),
      moleculeSide(parameters, config, TABLES, moleculeInputs(graph, batch)),
    );
    return {
      config,
      tokens: batch * config.tokens,
      parameters: parameters.tensors,
      fill: {
        ...Object.fromEntries(states.map((_, i) => [`level${i}`, { noise: 1 }])),
        tokenMask: { value: 0 },
        molecules: { noise: 1 },
        diseases: { below: TABLES.diseases },
        phases: { below: TABLES.phases },
        mask: { value: 0 },
        repeats: { value: 0 },
      },
      loss: matchingLoss(parameters, config, pair, graph.input("repeats", [batch, batch])),
      adam: { ...ADAMW, weightDecay },
    };
  },

  encode(graph) {
    const parameters = bioGptInputs(graph);
    const ids = graph.input("ids", WINDOWS, "int32");
    const states = bioGptStates(BIOGPT, (name) => parameters.get(name), ids);
    for (const level of LEVELS) graph.output(`level${level}`, states[level - 1]);
    const fill = { ids: { below: 8192 } };
    return { config: BIOGPT, tokens: sizeOf(WINDOWS), parameters, fill, levels: LEVELS };
  },
};

const bioGptInputs = (graph) =>
  new Map([...bioGptParameters(BIOGPT)].map(([name, shape]) => [name, graph.input(name, shape)]));

/** How a parameter is filled at the start. */
function startOf({ name, shape }) {
  if (name === "match.logitScale") return { value: PRESETS.default.logitScale };
  if (shape.length > 1) return { noise: Math.sqrt(3 / shape.at(-1)) };
  return { value: /(norm\d?|out)\.weight$/.test(name) ? 1 : 0 };
}

/** Noise is uniform on ±noise, whole numbers are uniform from 0; the twin makes the same ones. */
function numbersOf({ shape, type, seed, noise, below, value }) {
  const uniform = (i) => {
    let x = Math.imul(i + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
    x = Math.imul(x ^ (x >>> 12), 0x297a2d39);
    return ((x ^ (x >>> 15)) >>> 0) / 2 ** 32;
  };
  const data = new (type === "int32" ? Int32Array : Float32Array)(sizeOf(shape));
  for (let i = 0; i < data.length; i++)
    data[i] = value ?? (below ? Math.floor(uniform(i) * below) : (2 * uniform(i) - 1) * noise);
  return type === "float16" ? toFloat16(data) : data;
}

const [task, threads] = [process.argv[2], Number(process.argv[3])];
const graph = new Graph();
const { config, tokens, parameters, fill, loss, adam, levels } = TASKS[task](graph);
const values = graph.inputs.map(({ name, shape, type }, seed) => ({
  name,
  shape,
  type,
  seed,
  trained: parameters.has(name),
  ...(fill[name] ?? startOf({ name, shape })),
}));
console.log(
  JSON.stringify({
    task,
    threads,
    tokens,
    config,
    values,
    adam,
    levels,
    learningRate: LEARNING_RATE,
  }),
);

const feeds = Object.fromEntries(values.map((value) => [value.name, numbersOf(value)]));
if (loss) {
  graph.output("loss", loss);
  const trainables = [...parameters.values()].map((tensor) => ({ tensor }));
  adamW(graph, loss, trainables, adam);
  for (const { name, shape } of graph.inputs)
    if (/\.[mv]$/.test(name)) feeds[name] = new Float32Array(sizeOf(shape));
}
const session = await compile(graph, threads);
let step = 0;
for await (const line of createInterface({ input: process.stdin })) {
  const times = [];
  const cpu = [];
  let results = {};
  for (let run = 0; run < Number(line); run++) {
    const start = performance.now();
    const before = process.cpuUsage();
    if (loss) Object.assign(feeds, stepFeeds(++step, LEARNING_RATE, adam));
    results = await session.run(feeds);
    for (const name of Object.keys(feeds))
      if (nextName(name) in results) feeds[name] = results[nextName(name)];
    times.push((performance.now() - start) / 1000);
    const { user, system } = process.cpuUsage(before);
    cpu.push((user + system) / 1e6);
  }
  const result = results.loss ?? results[`level${levels.at(-1)}`];
  const agreement = floats(result).reduce((sum, x) => sum + Math.abs(x), 0) / floats(result).length;
  const peak = process.resourceUsage().maxRSS * 1024;
  console.log(JSON.stringify({ times, cpu, agreement, peak }));
}
