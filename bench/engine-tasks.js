// What bench/engine.js and bench/device.js measure: graphs of the project filled with made-up numbers
// that the twin in PyTorch (bench/reference/engine.py) can make too.
import { toFloat16 } from "../dist/base/float16.js";
import { ADAMW, adamW, floats, Graph, sizeOf } from "../dist/graph/index.js";
import { bioGpt, nextTokenLoss, parameterInputs } from "../dist/language/index.js";
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
  roomsOf,
} from "../dist/model/index.js";

/** The encoder that is shipped. */
const OURS = {
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
/** The published BioGPT (Luo et al. 2022). */
export const BIOGPT = {
  ...OURS,
  vocab_size: 42384,
  hidden_size: 1024,
  num_hidden_layers: 24,
  num_attention_heads: 16,
  intermediate_size: 4096,
  max_position_embeddings: 1024,
};
const WINDOWS = [8, OURS.max_position_embeddings];
const TABLES = { diseases: 2000, phases: 8 };
/** The learning rate of every training step. */
export const LEARNING_RATE = 1e-3;

/** Each task declares its inputs in a graph and says which are parameters, and how the others are filled. */
const TASKS = {
  language(graph) {
    const model = bioGpt(OURS);
    const parameters = parameterInputs(graph, model.parameters);
    return {
      config: OURS,
      tokens: sizeOf(WINDOWS),
      parameters,
      fill: { ids: { below: 8192 }, targets: { below: 8192 }, weights: { value: 1 } },
      loss: nextTokenLoss(model, (name) => parameters.get(name), graph, WINDOWS),
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
      depth: OURS.hidden_size,
    });
    const inputs = moleculeInputs(graph, batch, roomsOf(batch)[0]);
    const { tokens, places } = inputs.places.packing;
    const pair = matchingPair(
      parameters,
      config,
      criteriaSide(parameters, config, groupLevels(parameters, config, states, mask)),
      moleculeSide(parameters, config, TABLES, inputs),
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
        tokens: { upTo: sizeOf(places.shape) },
        places: { upTo: sizeOf(tokens.shape) },
        mask: { value: 0 },
        repeats: { value: 0 },
      },
      loss: matchingLoss(parameters, config, pair, graph.input("repeats", [batch, batch])),
      adam: { ...ADAMW, weightDecay },
    };
  },

  encode: (graph) => encoding(graph, OURS, WINDOWS, [2, 4, 6]),
  biogpt: (graph) => encoding(graph, BIOGPT, [4, 1024], [8, 16, 24]),
};

/** Hidden states of windows of tokens after the blocks of `levels`. */
function encoding(graph, config, windows, levels) {
  const model = bioGpt(config);
  const parameters = parameterInputs(graph, model.parameters);
  const ids = graph.input("ids", windows, "int32");
  const states = model.states((name) => parameters.get(name), ids);
  for (const level of levels) graph.output(`level${level}`, states[level - 1]);
  const fill = { ids: { below: config.vocab_size } };
  return { twin: "encode", config, tokens: sizeOf(windows), parameters, fill, levels };
}

/** How a parameter is filled at the start. */
function startOf({ name, shape }) {
  if (name === "match.logitScale") return { value: PRESETS.default.logitScale };
  if (shape.length > 1) return { noise: Math.sqrt(3 / shape.at(-1)) };
  return { value: /(norm\d?|out)\.weight$/.test(name) ? 1 : 0 };
}

/**
 * Noise is uniform on ±noise, whole numbers are uniform from 0, or count up to a number; the twin makes
 * the same ones.
 */
function numbersOf({ shape, type, seed, noise, below, upTo, value }) {
  const uniform = (i) => {
    let x = Math.imul(i + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
    x = Math.imul(x ^ (x >>> 12), 0x297a2d39);
    return ((x ^ (x >>> 15)) >>> 0) / 2 ** 32;
  };
  const data = new (type === "int32" ? Int32Array : Float32Array)(sizeOf(shape));
  const numberAt = (i) => {
    if (upTo) return Math.min(i, upTo);
    return below ? Math.floor(uniform(i) * below) : (2 * uniform(i) - 1) * noise;
  };
  for (let i = 0; i < data.length; i++) data[i] = value ?? numberAt(i);
  return type === "float16" ? toFloat16(data) : data;
}

/**
 * The graph of a task, with one AdamW step where it trains, what every input is fed with, and what
 * the task is made of, for the twin.
 */
export function prepare(task) {
  const graph = new Graph();
  const { config, tokens, parameters, fill, loss, adam, levels, twin = task } = TASKS[task](graph);
  const values = graph.inputs.map(({ name, shape, type }, seed) => ({
    name,
    shape,
    type,
    seed,
    trained: parameters.has(name),
    ...(fill[name] ?? startOf({ name, shape })),
  }));
  const feeds = Object.fromEntries(values.map((value) => [value.name, numbersOf(value)]));
  if (loss) {
    graph.output("loss", loss);
    const trainables = [...parameters.values()].map((tensor) => ({ tensor }));
    adamW(graph, loss, trainables, adam);
    for (const { name, shape } of graph.inputs)
      if (/\.[mv]$/.test(name)) feeds[name] = new Float32Array(sizeOf(shape));
  }
  const learningRate = LEARNING_RATE;
  return {
    graph,
    feeds,
    description: { task: twin, tokens, config, values, adam, levels, learningRate },
  };
}

/** One number of a run that shows whether others did the same work: the loss, or the mean absolute state. */
export function agreementOf(results, { levels }) {
  const numbers = floats(results.loss ?? results[`level${levels.at(-1)}`]);
  return numbers.reduce((sum, x) => sum + Math.abs(x), 0) / numbers.length;
}
