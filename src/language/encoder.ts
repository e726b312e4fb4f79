import { join } from "node:path";
import { InputError, messageOf } from "../base/error.js";
import { readBytes, readText, sha256 } from "../base/file.js";
import { readSafetensors } from "../base/safetensors.js";
import {
  add,
  cast,
  compile,
  type Feed,
  float16Bits,
  Graph,
  type Session,
  scale,
  show,
  type Tensor,
} from "../graph/index.js";
import { type BioGptConfig, bioGptParameters, bioGptStates } from "./biogpt.js";
import type { HiddenStates } from "./store.js";
import { Tokenizer } from "./tokenizer.js";
import { windowsOf } from "./window.js";

/** Which blocks of the language model make a level, counted from 1, and how they stand for it. */
export interface Level {
  readonly from: number;
  readonly to: number;
  /** The state after the last of the blocks, or the mean of the states after each. */
  readonly state: "last" | "mean";
}

/** A frozen language model that turns text into hidden states at chosen levels. */
export interface Encoder {
  /** Changes with anything that changes a hidden state: weights, tokenizer, levels. */
  readonly hash: string;
  readonly width: number;
  readonly levels: readonly Level[];
  /** Number of tokens of a text, the start token included. */
  countTokens(text: string): number;
  /** Hidden states of each text, in order; texts of any length. */
  encode(texts: readonly string[]): Promise<HiddenStates[]>;
  release(): Promise<void>;
}

/** Windows are padded to a multiple of this: few sessions, little padding. */
const BUCKET = 64;
/** Tokens that one run takes together: few enough for the processor's cache. */
const TOKENS_PER_RUN = 512;

/** Number of blocks of the encoder in a folder, to choose levels by. @throws InputError as {@link loadEncoder} */
export const countBlocks = (folder: string): number =>
  readConfig(join(folder, "config.json")).num_hidden_layers;

/**
 * Loads an encoder from a folder with `config.json`, `tokenizer.json` and `model.safetensors`.
 * @throws InputError if a file is missing or damaged, a tensor is missing or has another shape than
 *   the configuration says, or a level does not exist.
 */
export function loadEncoder(folder: string, levels: readonly Level[], threads: number): Encoder {
  const files = ["config.json", "tokenizer.json", "model.safetensors"].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  const config = readConfig(files[0]);
  const tokenizer = Tokenizer.fromFile(files[1]);
  const contents = files.map(readBytes);
  const { tensors } = readSafetensors(files[2], contents[2]);
  const shapes = bioGptParameters(config);
  const weights: Record<string, Feed> = {};
  for (const [name, shape] of shapes) {
    const found = tensors.get(name);
    if (!found || show(found.shape) !== show(shape))
      throw new InputError(
        found
          ? `has shape ${show(found.shape)} where config.json says ${show(shape)}`
          : "is missing",
        { file: files[2], field: name, remedy: "Fetch or train the encoder again" },
      );
    weights[name] = found.data;
  }
  for (const { from, to } of levels)
    if (!(1 <= from && from <= to && to <= config.num_hidden_layers))
      throw new InputError(`the level of blocks ${from} to ${to} does not exist`, {
        file: files[0],
        field: "num_hidden_layers",
        remedy: `Choose blocks from 1 to ${config.num_hidden_layers}`,
      });

  const sessions = new Map<string, Promise<Session>>();
  const sessionFor = (batch: number, length: number): Promise<Session> => {
    const key = `${batch} ${length}`;
    let session = sessions.get(key);
    if (!session) {
      const graph = new Graph();
      // The weights are inputs: every session shares them, and is made in no time.
      const inputs = new Map<string, Tensor>();
      for (const [name, shape] of shapes) inputs.set(name, graph.input(name, shape));
      const parameter = (name: string) => inputs.get(name)!;
      const states = bioGptStates(config, parameter, graph.input("ids", [batch, length], "int32"));
      for (const [i, level] of levels.entries())
        graph.output(`level${i}`, cast(stateOf(level, states), "float16"));
      session = compile(graph, threads);
      sessions.set(key, session);
    }
    return session;
  };

  const encodeTokens = (text: string) =>
    Int32Array.from([tokenizer.endId, ...tokenizer.encode(text)]);
  const width = config.hidden_size;
  const context = config.max_position_embeddings;
  return {
    hash: sha256(JSON.stringify([contents.map(sha256), levels])),
    width,
    levels,
    countTokens: (text) => encodeTokens(text).length,
    async encode(texts) {
      const documents = texts.map(encodeTokens);
      const results = documents.map(({ length }) => ({
        tokens: length,
        width,
        levels: levels.map(() => new Uint16Array(length * width)),
      }));
      const windows = documents
        .flatMap((ids, text) =>
          windowsOf(ids.length, context, Math.floor(context / 4)).map((window) => ({
            text,
            ...window,
          })),
        )
        .sort((a, b) => a.end - a.start - (b.end - b.start));
      for (let first = 0; first < windows.length; ) {
        const { start, end } = windows[first]!;
        const length = Math.min(context, Math.ceil((end - start) / BUCKET) * BUCKET);
        const left = windows.slice(first).filter((window) => window.end - window.start <= length);
        const fitting = left.slice(0, batchSize(left.length, Math.floor(TOKENS_PER_RUN / length)));
        const ids = new Int32Array(fitting.length * length).fill(tokenizer.padId);
        fitting.forEach((window, row) => {
          ids.set(documents[window.text]!.subarray(window.start, window.end), row * length);
        });
        const session = await sessionFor(fitting.length, length);
        const output = await session.run({ ...weights, ids });
        levels.forEach((_, level) => {
          const states = float16Bits(output[`level${level}`]);
          fitting.forEach((window, row) => {
            const begin = (row * length + window.fresh - window.start) * width;
            const fresh = states.subarray(begin, begin + (window.end - window.fresh) * width);
            results[window.text]!.levels[level]!.set(fresh, window.fresh * width);
          });
        });
        first += fitting.length;
      }
      return results;
    },
    async release() {
      for (const session of sessions.values()) await (await session).release();
      sessions.clear();
    },
  };
}

/** The largest power of two that neither number is below: few sizes, so few sessions. */
const batchSize = (available: number, most: number): number =>
  2 ** Math.floor(Math.log2(Math.max(1, Math.min(available, most))));

/** @param states after each block, then the normalised last ones */
function stateOf({ from, to, state }: Level, states: readonly Tensor[]): Tensor {
  if (state === "last") return states[to - 1]!;
  const blocks = states.slice(from - 1, to);
  return scale(blocks.reduce(add), 1 / blocks.length);
}

function readConfig(file: string): BioGptConfig {
  const fail = (problem: string, field?: string) =>
    new InputError(problem, {
      file,
      field,
      remedy: "Give the config.json of a model in BioGPT's architecture",
    });
  let config: BioGptConfig;
  try {
    config = JSON.parse(readText(file)) as BioGptConfig;
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw fail(`is not JSON: ${messageOf(error)}`);
  }
  if (config?.model_type !== "biogpt") throw fail("is not biogpt", "model_type");
  const counts = [
    "vocab_size",
    "hidden_size",
    "num_hidden_layers",
    "num_attention_heads",
    "intermediate_size",
    "max_position_embeddings",
  ] as const;
  for (const field of counts)
    if (!Number.isInteger(config[field]) || config[field] < 1)
      throw fail("is not a positive whole number", field);
  if (config.hidden_size % config.num_attention_heads !== 0)
    throw fail("is not a multiple of num_attention_heads", "hidden_size");
  if (config.hidden_act !== "gelu" && config.hidden_act !== "relu")
    throw fail("is neither gelu nor relu", "hidden_act");
  if (typeof config.scale_embedding !== "boolean")
    throw fail("is neither true nor false", "scale_embedding");
  if (typeof config.layer_norm_eps !== "number" || !(config.layer_norm_eps > 0))
    throw fail("is not a positive number", "layer_norm_eps");
  return config;
}
