import { join } from "node:path";
import { InputError } from "../base/error.js";
import { sha256 } from "../base/file.js";
import type { Device, Processor } from "../graph/index.js";
import { readCheckpoint, readOnnxCheckpoint } from "./checkpoint.js";
import { graphForward } from "./forward.js";
import type { Level } from "./level.js";
import { isOnnx, onnxForward } from "./onnx.js";
import { refuseInt8On } from "./quantization.js";
import type { HiddenStates } from "./shard.js";
import { BUCKET, readingsOf } from "./window.js";

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

/** Tokens that one run takes together: few enough for the cache of a CPU, enough to fill a device. */
const TOKENS_PER_RUN: Readonly<Record<Device, number>> = { cpu: 512, webgpu: 8192, cuda: 8192 };

/**
 * Runs at a time: two of one thread each leave no core waiting, as one of two threads does between its parallel
 * parts. No more than the threads that Node has for such work (UV_THREADPOOL_SIZE).
 */
const LANES = 4;

/**
 * Loads an encoder from the folder of a checkpoint.
 * @throws InputError as {@link readCheckpoint}, or if a level does not exist or int8 weights are to run on a graphics card
 */
export function loadEncoder(
  folder: string,
  levels: readonly Level[],
  processor: Processor,
): Encoder {
  const checkpoint = isOnnx(folder) ? readOnnxCheckpoint(folder) : readCheckpoint(folder);
  const { model, tokenizer, hashes } = checkpoint;
  for (const { from, to } of levels)
    if (!(1 <= from && from <= to && to <= model.blocks))
      throw new InputError(`the level of blocks ${from} to ${to} does not exist`, {
        file: join(folder, "config.json"),
        field: "num_hidden_layers",
        remedy: `Choose blocks from 1 to ${model.blocks}`,
      });

  const { device, threads } = processor;
  if ("weights" in checkpoint) refuseInt8On(device, folder, checkpoint.weights);
  const lanes = device === "cpu" ? Math.min(threads, LANES) : 1;
  const ofRun = { device, threads: Math.floor(threads / lanes) };
  const forward =
    "weights" in checkpoint
      ? graphForward(checkpoint, levels, ofRun)
      : onnxForward(folder, model, levels, ofRun);
  const { width, context, padToken } = model;
  const special = tokenizer.start.length + tokenizer.end.length;
  if (context <= special)
    throw new InputError(`leaves no room for text beside ${special} special tokens`, {
      file: join(folder, "config.json"),
      field: "max_position_embeddings",
      remedy: "Give the config.json of the model",
    });
  /** A text without any token stands as the one that fills batches up. */
  const documentOf = (text: string): readonly number[] => {
    const document = [...tokenizer.start, ...tokenizer.encode(text)];
    return document.length > 0 ? document : [padToken];
  };
  return {
    hash: sha256(JSON.stringify([hashes, levels])),
    width,
    levels,
    countTokens: (text) => documentOf(text).length,
    async encode(texts) {
      const documents = texts.map(documentOf);
      const results = documents.map(({ length }) => ({
        tokens: length,
        width,
        levels: levels.map(() => new Uint16Array(length * width)),
      }));
      const readings = documents
        .flatMap((document, text) =>
          readingsOf(document, tokenizer, context).map((reading) => ({ text, ...reading })),
        )
        .sort((a, b) => a.ids.length - b.ids.length);
      const batches = batchesOf(readings, context, lanes, TOKENS_PER_RUN[device]);
      const run = async ({ length, rows }: Batch<(typeof readings)[number]>) => {
        const ids = new Int32Array(rows.length * length).fill(padToken);
        const present = new Float32Array(rows.length * length);
        rows.forEach((reading, row) => {
          ids.set(reading.ids, row * length);
          present.fill(1, row * length, row * length + reading.ids.length);
        });
        const output = await forward.run(ids, present, rows.length);
        output.forEach((states, level) => {
          rows.forEach(({ text, row: skipped, at, count }, row) => {
            const begin = (row * length + skipped) * width;
            const fresh = states.subarray(begin, begin + count * width);
            if (!areFinite(fresh)) throw notFinite(folder, levels[level]!);
            results[text]!.levels[level]!.set(fresh, at * width);
          });
        });
      };
      // Longest first: what is left at the end is short, and no lane waits long for the others.
      await inLanes(lanes, batches.reverse(), run);
      return results;
    },
    release: () => forward.release(),
  };
}

interface Batch<Reading> {
  /** Tokens of each row, padding included. */
  readonly length: number;
  readonly rows: readonly Reading[];
}

/** What one run takes together of readings that are sorted by length; few readings are shared by all lanes. */
function batchesOf<Reading extends { readonly ids: readonly number[] }>(
  readings: readonly Reading[],
  context: number,
  lanes: number,
  tokensPerRun: number,
): Batch<Reading>[] {
  const total = readings.reduce((sum, { ids }) => sum + ids.length, 0);
  const most = Math.min(tokensPerRun, total / lanes);
  const batches: Batch<Reading>[] = [];
  for (let first = 0; first < readings.length; ) {
    const longest = readings[first]!.ids.length;
    const length = Math.min(context, Math.ceil(longest / BUCKET) * BUCKET);
    const left = readings.slice(first).filter(({ ids }) => ids.length <= length);
    const rows = left.slice(0, batchSize(left.length, Math.floor(most / length)));
    batches.push({ length, rows });
    first += rows.length;
  }
  return batches;
}

/** Works through what is to be done, several at a time. @throws what one of them throws, once none is running */
async function inLanes<T>(
  lanes: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  function* all() {
    yield* items;
  }
  const queue = all(); // a lane that fails closes it for the others
  const lane = async () => {
    for (const item of queue) await work(item);
  };
  const ends = await Promise.allSettled(Array.from({ length: lanes }, lane));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

/** Whether float16 bits are neither infinity nor no number: their exponents would be full. A loop, for speed. */
function areFinite(bits: Uint16Array): boolean {
  for (let i = 0; i < bits.length; i++) if ((bits[i]! & 0x7c00) === 0x7c00) return false;
  return true;
}

const notFinite = (folder: string, { from, to }: Level): InputError =>
  new InputError(`the hidden states of blocks ${from} to ${to} are not finite in float16`, {
    file: folder,
    remedy: "Check the weights, or choose levels of other blocks",
  });

/** The largest power of two that neither number is below: few sizes, so few sessions. */
const batchSize = (available: number, most: number): number =>
  2 ** Math.floor(Math.log2(Math.max(1, Math.min(available, most))));
