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
import { BUCKET, type Reading, readingsOf } from "./window.js";

/** How long work lets others come between, and is given up. */
export interface Yielding {
  readonly signal?: AbortSignal | undefined;
  /** Resolves when the next part of the work may begin. */
  readonly turn?: (() => Promise<void>) | undefined;
}

/** How texts are read. */
export interface Encoding extends Yielding {
  /** A text and its states: the windows that another text has in common with it are not read again. */
  readonly known?: { readonly text: string; readonly states: HiddenStates } | undefined;
}

/** A frozen language model that turns text into hidden states at chosen levels. */
export interface Encoder {
  /** Changes with anything that changes a hidden state: weights, tokenizer, levels. */
  readonly hash: string;
  readonly width: number;
  readonly levels: readonly Level[];
  /** Number of tokens of a text, the start token included. */
  countTokens(text: string): number;
  /**
   * Hidden states of each text, in order; texts of any length. Between parts of about {@link PART} tokens others may
   * come: the states are the same.
   * @throws the signal's reason once it is aborted
   */
  encode(texts: readonly string[], how?: Encoding): Promise<HiddenStates[]>;
  /**
   * Runs the model once in each size of batch that texts are read in, so that none waits for it to be compiled.
   * @param report told the share that is done
   */
  warmUp(report?: (share: number) => void): Promise<void>;
  release(): Promise<void>;
}

/**
 * Tokens that one run takes together: few enough for the cache of a CPU and enough to keep its cores busy; on a
 * device, enough to fill it. One core is no faster with more than it needs. Runs follow one another:
 * onnxruntime-node does not run two at a time, whatever their promises look like.
 */
const TOKENS_PER_RUN: Readonly<Record<Device, number>> = { cpu: 1024, webgpu: 8192, cuda: 8192 };
const TOKENS_OF_ONE_CORE = 256;
/** Tokens that are read before others may come between, padding included: some 60 ms of one core. */
const PART = 512;

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

  const { device } = processor;
  if ("weights" in checkpoint) refuseInt8On(device, folder, checkpoint.weights);
  const forward =
    "weights" in checkpoint
      ? graphForward(checkpoint, levels, processor)
      : onnxForward(folder, model, levels, processor);
  const alone = device === "cpu" && processor.threads === 1;
  const tokensPerRun = alone ? TOKENS_OF_ONE_CORE : TOKENS_PER_RUN[device];
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
  const readingsFor = (text: string) => readingsOf(documentOf(text), tokenizer, context);
  return {
    hash: sha256(JSON.stringify([hashes, levels])),
    width,
    levels,
    countTokens: (text) => documentOf(text).length,
    async encode(texts, { known, signal, turn } = {}) {
      const documents = texts.map(documentOf);
      const results = documents.map(({ length }) => ({
        tokens: length,
        width,
        levels: levels.map(() => new Uint16Array(length * width)),
      }));
      let readings = documents
        .flatMap((document, text) =>
          readingsOf(document, tokenizer, context).map((reading) => ({ text, ...reading })),
        )
        .sort((a, b) => a.ids.length - b.ids.length);
      if (known) {
        const before = readingsFor(known.text);
        readings = readings.filter((reading) => {
          const same = before.some((one) => areEqual(one, reading));
          const [begin, end] = [reading.at * width, (reading.at + reading.count) * width];
          if (same)
            results[reading.text]!.levels.forEach((states, level) => {
              states.set(known.states.levels[level]!.subarray(begin, end), begin);
            });
          return !same;
        });
      }
      for (let first = 0, read = 0; first < readings.length; ) {
        signal?.throwIfAborted();
        if (read >= PART) {
          await turn?.();
          signal?.throwIfAborted();
          read = 0;
        }
        const longest = readings[first]!.ids.length;
        const length = paddedLength(longest, context);
        const left = readings.slice(first).filter(({ ids }) => ids.length <= length);
        const fitting = left.slice(0, batchSize(left.length, Math.floor(tokensPerRun / length)));
        const ids = new Int32Array(fitting.length * length).fill(padToken);
        const present = new Float32Array(fitting.length * length);
        fitting.forEach((reading, row) => {
          ids.set(reading.ids, row * length);
          present.fill(1, row * length, row * length + reading.ids.length);
        });
        const output = await forward.run(ids, present, fitting.length);
        output.forEach((states, level) => {
          fitting.forEach(({ text, row: skipped, at, count }, row) => {
            const begin = (row * length + skipped) * width;
            const fresh = states.subarray(begin, begin + count * width);
            if (!areFinite(fresh)) throw notFinite(folder, levels[level]!);
            results[text]!.levels[level]!.set(fresh, at * width);
          });
        });
        first += fitting.length;
        read += ids.length;
      }
      return results;
    },
    async warmUp(report = () => {}) {
      const sizes = sizesOf(context, tokensPerRun);
      for (const [done, { batch, length }] of sizes.entries()) {
        report(done / sizes.length);
        const size = batch * length;
        await forward.run(
          new Int32Array(size).fill(padToken),
          new Float32Array(size).fill(1),
          batch,
        );
      }
    },
    release: () => forward.release(),
  };
}

/** The length of windows of so many tokens with their padding. */
const paddedLength = (tokens: number, context: number): number =>
  Math.min(context, Math.ceil(tokens / BUCKET) * BUCKET);

/** The sizes of all runs. */
function sizesOf(context: number, tokensPerRun: number): { batch: number; length: number }[] {
  const sizes: { batch: number; length: number }[] = [];
  for (let tokens = BUCKET; tokens < context + BUCKET; tokens += BUCKET) {
    const length = paddedLength(tokens, context);
    for (let batch = 1; batch === 1 || batch * length <= tokensPerRun; batch *= 2)
      sizes.push({ batch, length });
  }
  return sizes;
}

/** Whether two readings give the same states of the same tokens. */
const areEqual = (a: Reading, b: Reading): boolean =>
  a.at === b.at &&
  a.row === b.row &&
  a.ids.length === b.ids.length &&
  a.ids.every((id, i) => id === b.ids[i]);

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
