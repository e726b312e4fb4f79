import { join } from "node:path";
import { InputError } from "../base/error.js";
import { sha256 } from "../base/file.js";
import {
  add,
  cast,
  compile,
  float16Bits,
  Graph,
  type Session,
  scale,
  type Tensor,
} from "../graph/index.js";
import { bioGptStates, parameterInputs } from "./biogpt.js";
import { readCheckpoint } from "./checkpoint.js";
import type { HiddenStates } from "./store.js";
import { BUCKET, windowsOf } from "./window.js";

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

/** Tokens that one run takes together: few enough for the processor's cache. */
const TOKENS_PER_RUN = 512;

/**
 * Loads an encoder from the folder of a checkpoint.
 * @throws InputError as {@link readCheckpoint}, or if a level does not exist.
 */
export function loadEncoder(folder: string, levels: readonly Level[], threads: number): Encoder {
  const { config, tokenizer, shapes, weights, hashes } = readCheckpoint(folder);
  for (const { from, to } of levels)
    if (!(1 <= from && from <= to && to <= config.num_hidden_layers))
      throw new InputError(`the level of blocks ${from} to ${to} does not exist`, {
        file: join(folder, "config.json"),
        field: "num_hidden_layers",
        remedy: `Choose blocks from 1 to ${config.num_hidden_layers}`,
      });

  const sessions = new Map<string, Promise<Session>>();
  const sessionFor = (batch: number, length: number): Promise<Session> => {
    const key = `${batch} ${length}`;
    let session = sessions.get(key);
    if (!session) {
      const graph = new Graph();
      const inputs = parameterInputs(graph, shapes);
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
    hash: sha256(JSON.stringify([hashes, levels])),
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
