import { join } from "node:path";
import { InputError, messageOf } from "../base/error.js";
import { readText, sha256, writeWhole } from "../base/file.js";
import { Random } from "../base/random.js";
import { type TensorData, writeSafetensors } from "../base/safetensors.js";
import type { Watcher } from "../base/watcher.js";
import {
  ADAMW,
  adamW,
  compile,
  cosineSchedule,
  type Feed,
  floats,
  Graph,
  type Processor,
  requireDevice,
  type Session,
  type Shape,
  sizeOf,
} from "../graph/index.js";
import {
  type BioGptConfig,
  bioGpt,
  NgramModel,
  nextTokenLoss,
  parameterInputs,
  Tokenizer,
  trainBpe,
  windowsOf,
} from "../language/index.js";
import { nctIdOf, plainText, reportInvalid } from "../trial/index.js";
import { initialState, train } from "./loop.js";
import { RunFolder } from "./run-folder.js";

export interface LanguageOptions extends Processor {
  /** Path of NDJSON (also .gz) with `nctId` and `eligibilityCriteria` on each line. */
  readonly texts: string;
  readonly out: string;
  readonly resume: boolean;
  /** Whether bad lines are listed in the run's folder instead of stopping it. */
  readonly skipInvalid: boolean;
  readonly seed: number;
  readonly vocabulary: number;
  /** Hidden size: a multiple of 64, the width of a head. */
  readonly width: number;
  readonly blocks: number;
  /** Context in tokens: the length of a training window. */
  readonly context: number;
  readonly batch: number;
  readonly epochs: number;
  readonly learningRate: number;
}

export const LANGUAGE_DEFAULTS = {
  seed: 1,
  device: "cpu",
  threads: 2,
  vocabulary: 8192,
  width: 256,
  blocks: 6,
  context: 256,
  batch: 8,
  epochs: 4,
  learningRate: 1.5e-3,
} as const;

export interface LanguageResult {
  /** Folder of the encoder in the file format of a published checkpoint. */
  readonly encoder: string;
  /** Step of the best held-out perplexity, whose parameters were kept. */
  readonly step: number;
  readonly tokens: { readonly training: number; readonly heldOut: number };
  /** Perplexity per token on held-out trials. */
  readonly perplexity: {
    readonly model: number;
    readonly unigram: number;
    readonly trigram: number;
  };
}

const HEAD_WIDTH = 64;
/** One trial in this many is held out for validation. */
const HELD_OUT = 50;

/**
 * Trains the embedded encoder: a byte-level BPE tokenizer and a causal language model in BioGPT's
 * architecture on eligibility criteria, and writes them under `encoder/` of the run folder in the file
 * format of a published checkpoint (`config.json`, `tokenizer.json`, `model.safetensors` in F16).
 * Each document is `</s>` and its tokens, as BioGPT's tokenizer writes it; windows cross documents.
 * @throws InputError if the texts cannot be read; Interrupted if the watcher stops it.
 */
export async function trainLanguage(
  options: LanguageOptions,
  watcher: Watcher,
): Promise<LanguageResult> {
  const { seed, context, batch } = options;
  const { texts, out, resume, device, threads, skipInvalid, ...settings } = options;
  const processor: Processor = { device, threads };
  await requireDevice(processor);
  watcher.report({ stage: "Reading the texts", done: 0, total: 1 });
  const source = readText(texts);
  const { training, validation, invalid } = splitTexts(source, texts);
  if (invalid.length > 0 && !skipInvalid) throw invalid[0]!;
  const folder = RunFolder.open(
    out,
    { command: "train language", seed, device, settings, data: { texts: sha256(source) } },
    resume,
  );
  reportInvalid(out, invalid, watcher);
  const tokenizerJson = trainBpe(training, { vocabularySize: options.vocabulary });
  const tokenizer = new Tokenizer(tokenizerJson);
  const trainDocuments = encodeDocuments(tokenizer, training);
  const validationDocuments = encodeDocuments(tokenizer, validation);
  const stream = Int32Array.from(trainDocuments.flat());
  const config = bioGptConfig(options, tokenizer);
  const model = bioGpt(config);
  const shapes = model.parameters;

  const stepGraph = new Graph();
  const inputs = parameterInputs(stepGraph, shapes);
  const loss = nextTokenLoss(model, (name) => inputs.get(name)!, stepGraph, [batch, context]);
  stepGraph.output("loss", loss);
  const adam = { ...ADAMW, beta2: 0.98, weightDecay: 0.1 };
  const trainables = [...inputs.values()].map((tensor) => ({ tensor }));
  adamW(stepGraph, loss, trainables, adam);
  const session = await compile(stepGraph, processor);

  const lossGraph = new Graph();
  const frozen = parameterInputs(lossGraph, shapes);
  lossGraph.output(
    "loss",
    nextTokenLoss(model, (name) => frozen.get(name)!, lossGraph, [batch, context]),
  );
  const lossSession = await compile(lossGraph, processor);
  const held = validationBatches(validationDocuments, config, batch);

  // An epoch starts at a random place of the first window, so that windows differ between epochs.
  const windows = Math.floor((stream.length - context) / context) - 1;
  const stepsPerEpoch = Math.floor(windows / batch);
  const steps = Math.round(stepsPerEpoch * options.epochs);
  if (steps < 1 || held.length === 0)
    throw new InputError(
      `${training.length} texts of ${stream.length} tokens give ${Math.max(0, steps)} steps, ` +
        `and ${validation.length} texts are held out`,
      {
        file: texts,
        remedy: `Give more texts (one in ${HELD_OUT} is held out, a step takes ${batch * context} tokens) or more --epochs`,
      },
    );
  let order = { epoch: -1, windows: new Int32Array() as Int32Array, offset: 0 };
  const weights = new Float32Array(batch * context).fill(1);
  const { parameters, best, step } = await train(
    {
      stage: "Training the language model",
      session,
      state: initialState(initialParameters(shapes, config, seed)),
      steps,
      adamW: adam,
      learningRate: (now) =>
        cosineSchedule(now, {
          peak: options.learningRate,
          warmup: Math.min(200, Math.ceil(steps / 10)),
          steps,
          floor: 0.05,
        }),
      batch: (now) => {
        const epoch = Math.floor((now - 1) / stepsPerEpoch);
        if (order.epoch !== epoch) {
          const random = new Random(seed, "language epoch", epoch);
          order = { epoch, windows: random.permutation(windows), offset: random.integer(context) };
        }
        const ids = new Int32Array(batch * context);
        const targets = new Int32Array(batch * context);
        for (let row = 0; row < batch; row++) {
          const window = order.windows[((now - 1) % stepsPerEpoch) * batch + row]!;
          const start = order.offset + window * context;
          ids.set(stream.subarray(start, start + context), row * context);
          targets.set(stream.subarray(start + 1, start + context + 1), row * context);
        }
        return { ids, targets, weights };
      },
      validate: {
        every: Math.max(1, Math.min(400, Math.ceil(steps / 5))),
        minimise: "perplexity",
        measure: async (values) => ({ perplexity: await perplexity(lossSession, held, values) }),
      },
      checkpointEvery: 200,
    },
    folder,
    watcher,
  );
  for (const one of [session, lossSession]) await one.release();
  const encoder = folder.file("encoder");
  writeWhole(join(encoder, "config.json"), `${JSON.stringify(config, null, 2)}\n`);
  writeWhole(join(encoder, "tokenizer.json"), JSON.stringify(tokenizerJson));
  writeSafetensors(join(encoder, "model.safetensors"), parameters, { dtype: "F16" });

  watcher.report({ stage: "Scoring the n-gram models", done: 0, total: 1 });
  // The n-gram models score what the language model predicts: the tokens after </s>.
  const withoutStart = (documents: readonly number[][]) => documents.map((ids) => ids.slice(1));
  const ngram = (order: number) =>
    new NgramModel(withoutStart(trainDocuments), {
      order,
      vocabularySize: config.vocab_size,
    }).perplexity(withoutStart(validationDocuments));
  return {
    encoder,
    step,
    tokens: { training: stream.length, heldOut: withoutStart(validationDocuments).flat().length },
    perplexity: { model: best, unigram: ngram(1), trigram: ngram(3) },
  };
}

/** Normal with deviation 0.02, the last layer of each branch scaled down (Radford et al. 2019). */
function initialParameters(
  shapes: ReadonlyMap<string, Shape>,
  config: BioGptConfig,
  seed: number,
): Map<string, TensorData> {
  const parameters = new Map<string, TensorData>();
  for (const [name, shape] of shapes) {
    const size = sizeOf(shape);
    const deviation = /out_proj|fc2/.test(name)
      ? 0.02 / Math.sqrt(2 * config.num_hidden_layers)
      : 0.02;
    const data =
      shape.length > 1
        ? new Random(seed, "language", name).normals(size, deviation)
        : new Float32Array(size).fill(name.endsWith("norm.weight") ? 1 : 0);
    parameters.set(name, { shape, data });
  }
  return parameters;
}

function bioGptConfig(options: LanguageOptions, tokenizer: Tokenizer): BioGptConfig {
  return {
    model_type: "biogpt",
    vocab_size: tokenizer.vocabularySize,
    hidden_size: options.width,
    num_hidden_layers: options.blocks,
    num_attention_heads: options.width / HEAD_WIDTH,
    intermediate_size: 4 * options.width,
    hidden_act: "gelu",
    max_position_embeddings: options.context,
    scale_embedding: true,
    layer_norm_eps: 1e-12,
    bos_token_id: tokenizer.startId,
    pad_token_id: tokenizer.padId,
    eos_token_id: tokenizer.endId,
  };
}

/**
 * The texts of training and held-out trials, chosen by NCT id; a text in both counts as training. Bad
 * lines are returned, not thrown.
 */
function splitTexts(source: string, file: string) {
  const invalid: InputError[] = [];
  const training = new Set<string>();
  const heldOut = new Set<string>();
  for (const [i, line] of source.trimEnd().split("\n").entries()) {
    const text = textOf(line);
    if (typeof text === "string") {
      const remedy = 'Give one JSON object a line with "nctId" and "eligibilityCriteria"';
      invalid.push(new InputError(text, { file, row: i + 1, remedy }));
      continue;
    }
    const held = Number.parseInt(sha256(nctIdOf(text.nctId)).slice(0, 8), 16) % HELD_OUT === 0;
    (held ? heldOut : training).add(plainText(text.eligibilityCriteria));
  }
  return {
    training: [...training],
    validation: [...heldOut].filter((text) => !training.has(text)),
    invalid,
  };
}

/** What a line holds, or what is wrong with it. */
function textOf(line: string): { nctId: string; eligibilityCriteria: string } | string {
  let row: { nctId?: unknown; eligibilityCriteria?: unknown };
  try {
    row = JSON.parse(line);
  } catch (error) {
    return `is not JSON: ${messageOf(error)}`;
  }
  const { nctId, eligibilityCriteria } = row ?? {};
  if (typeof nctId !== "string" || typeof eligibilityCriteria !== "string")
    return "lacks the text of a trial";
  if (eligibilityCriteria.trim() === "") return "has empty eligibilityCriteria";
  return { nctId, eligibilityCriteria };
}

const encodeDocuments = (tokenizer: Tokenizer, texts: readonly string[]): number[][] =>
  texts.map((text) => [tokenizer.endId, ...tokenizer.encode(text)]);

/** Fixed batches that predict every token of the documents once, in overlapping windows. */
function validationBatches(
  documents: readonly number[][],
  { max_position_embeddings: context, pad_token_id: pad }: BioGptConfig,
  batch: number,
): { ids: Int32Array; targets: Int32Array; weights: Float32Array }[] {
  const rows = documents.flatMap((document) =>
    windowsOf(document.length - 1, context, context / 4).map((window) => ({ document, window })),
  );
  const batches = [];
  for (let first = 0; first < rows.length; first += batch) {
    const ids = new Int32Array(batch * context).fill(pad);
    const targets = new Int32Array(batch * context).fill(pad);
    const weights = new Float32Array(batch * context);
    rows.slice(first, first + batch).forEach(({ document, window: { start, end, fresh } }, row) => {
      ids.set(document.slice(start, end), row * context);
      targets.set(document.slice(start + 1, end + 1), row * context);
      weights.fill(1, row * context + fresh - start, row * context + end - start);
    });
    batches.push({ ids, targets, weights });
  }
  return batches;
}

/** Perplexity per token of a language model over batches of {@link validationBatches}. */
async function perplexity(
  session: Session,
  batches: ReturnType<typeof validationBatches>,
  parameters: Readonly<Record<string, Feed>>,
): Promise<number> {
  let sum = 0;
  let count = 0;
  for (const feeds of batches) {
    const results = await session.run({ ...parameters, ...feeds });
    const scored = feeds.weights.reduce((total, weight) => total + weight, 0);
    sum += floats(results.loss)[0]! * scored;
    count += scored;
  }
  return Math.exp(sum / count);
}
