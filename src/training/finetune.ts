import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../base/error.js";
import { readBytes, readText, sha256, writeWhole } from "../base/file.js";
import { type Labels, stratifiedFolds } from "../base/labels.js";
import { Random } from "../base/random.js";
import type { TensorData } from "../base/safetensors.js";
import {
  applyTemperature,
  averagePrecision,
  bestF1Threshold,
  fitTemperature,
  logLoss,
  rocAuc,
} from "../evaluation/index.js";
import {
  ADAMW,
  adamW,
  binaryCrossEntropy,
  compile,
  cosineSchedule,
  type Feed,
  floats,
  Graph,
} from "../graph/index.js";
import {
  buildPrediction,
  createGrouper,
  type DiseaseTable,
  describeTrial,
  diseaseTable,
  type Grouped,
  HEAD_INPUTS,
  isFineTuned,
  loadResources,
  type ModelConfig,
  PRESETS,
  type Preset,
  readModel,
  rowFeeds,
  type TrialFeatures,
  writeModel,
} from "../model/index.js";
import { fitSurface, SurfaceLevel } from "../surface/index.js";
import { readTrials, type Trial } from "../trial/index.js";
import { type Cache, openEncoder } from "./encode.js";
import { initialState, train, type Watcher } from "./loop.js";
import { type BaseCard, hashes, statesOf } from "./pretrain.js";
import { RunFolder } from "./run-folder.js";

export interface FinetuneOptions extends Cache {
  /** Labelled trials: the official training split, and the one for stopping and thresholds. */
  readonly train: string;
  readonly valid: string;
  /** Run folder of a pre-training; without it the model starts from nothing. */
  readonly base?: string | undefined;
  /** Folder of the encoder; by default the one that the base was trained with. */
  readonly encoder?: string | undefined;
  /** Without a base; a base has its own. */
  readonly preset: Preset;
  readonly drugs: string;
  readonly conditions: string;
  readonly out: string;
  readonly resume: boolean;
  readonly seed: number;
  readonly threads: number;
}

/** How well logits or probabilities rank and fit the labels. */
export interface Scores {
  readonly prAuc: number;
  readonly rocAuc: number;
  readonly logLoss: number;
}

export interface FinetuneResult {
  /** Folder of the model, ready for `predict` and `evaluate`. */
  readonly model: string;
  /** Step at which each member was best. */
  readonly steps: readonly number[];
  /** Training trials, each by the member that had not seen it. */
  readonly outOfFold: Scores;
  /** The same by the surface level alone. */
  readonly surfaceOutOfFold: Scores | undefined;
  readonly validation: Scores;
}

/** What a model says of itself, beside its parameters. */
export interface ModelCard {
  readonly preset: Preset;
  /** The preset's figures when it was fitted. */
  readonly config: ModelConfig;
  /** SHA-256 of each member's surface level; none where the preset has no such level. */
  readonly surfaces: readonly string[];
  /** SHA-256 of the encoder's files and levels. */
  readonly encoder: string;
  /** Rows of the disease table, from 1. */
  readonly diseases: readonly string[];
  readonly seed: number;
  readonly members: number;
  readonly pretrained: boolean;
  /** Logits are divided by it (fitted on validation). */
  readonly temperature: number;
  /** P(success) from which a trial counts as a success (best F1 on validation). */
  readonly threshold: number;
  /** Share of successes in the training split. */
  readonly baseRate: number;
  readonly outOfFold: Scores;
  readonly surfaceOutOfFold?: Scores | undefined;
  readonly validation: Scores;
  /** File → SHA-256 of the data it was fitted on. */
  readonly data: Readonly<Record<string, string>>;
  readonly terms: string;
}

/**
 * Members of the ensemble. Each leaves one fold of the training trials out: their mean is the
 * prediction, and their spread, as a grouped jackknife, its interval.
 */
export const MEMBERS = 5;
const TERMS =
  "Fitted on TOP, whose authors agree to non-commercial use only: the same holds for this model. " +
  "Criteria are those of a 2021 snapshot of the registry and may have been edited after the start.";
const GROUPING_BATCH = 16;

/**
 * Fine-tunes a base on labelled trials (cladmop.md section 2): LoRA on all attention layers of the
 * branch and the prediction head learn, everything else is frozen. Stopping, temperature and
 * threshold come from the validation split alone.
 * @throws InputError on bad input, Interrupted if the watcher stops it
 */
export async function finetune(
  options: FinetuneOptions,
  watcher: Watcher,
): Promise<FinetuneResult> {
  const base = options.base === undefined ? undefined : readModel<BaseCard>(options.base, "base");
  const encoderFolder = options.encoder ?? base?.card.encoder.folder;
  if (encoderFolder === undefined)
    throw new InputError("no encoder is given", {
      remedy: "Name a pre-trained run with --base, or an encoder with --encoder",
    });
  const preset = base?.card.preset ?? options.preset;
  const config = base?.card.config ?? PRESETS[preset];
  const { encoder, store, fill } = openEncoder(encoderFolder, config, options);
  if (base && base.card.encoder.hash !== encoder.hash)
    throw new InputError("is not the encoder that the base was pre-trained with", {
      file: encoderFolder,
      remedy: "Name that encoder, or pre-train with this one",
    });

  watcher.report({ stage: "Reading trials", done: 0, total: 1 });
  const resources = await loadResources(options.drugs, options.conditions);
  const read = (file: string) => {
    const { records } = readTrials(file, { requireLabel: true });
    return {
      features: records.map(({ trial }) => describeTrial(trial, resources)),
      trials: records.map(({ trial }) => trial),
      labels: Float32Array.from(records, ({ outcome }) => outcome.label!),
    };
  };
  const training = read(options.train);
  const validation = read(options.valid);
  refuseOverlap(training.features, validation.features, options);
  if (base && options.base !== undefined)
    refuseSeen([...training.features, ...validation.features], base.card.trials, options.base);
  const table: DiseaseTable = base
    ? new Map(base.card.diseases.map((token, i) => [token, i + 1]))
    : diseaseTable(training.features);
  const all = [...training.features, ...validation.features];
  await fill(
    all.map(({ text }) => text),
    watcher,
  );

  const seed = options.seed;
  const trained = base?.parameters ?? new Map<string, TensorData>();
  const grouper = await createGrouper(config, trained, {
    depth: encoder.width,
    batch: GROUPING_BATCH,
    threads: options.threads,
    seed,
  });
  const groups = await grouper.group(
    statesOf(
      store,
      all.map(({ text }) => text),
    ),
  );
  const rowsOf = (
    features: readonly TrialFeatures[],
    trials: readonly Trial[],
    labels: Labels,
    from: number,
  ) =>
    features.map((one, i) => ({
      features: one,
      trial: trials[i]!,
      label: labels[i]!,
      grouped: groups[from + i]!,
    }));
  const trainRows = rowsOf(training.features, training.trials, training.labels, 0);
  const validRows = rowsOf(
    validation.features,
    validation.trials,
    validation.labels,
    trainRows.length,
  );

  const data = hashes([options.train, options.valid, options.drugs, options.conditions]);
  const folds = stratifiedFolds(training.labels, MEMBERS, new Random(seed, "members"));
  const outOfFold = new Float64Array(trainRows.length);
  const surfaceOutOfFold = new Float64Array(trainRows.length);
  const validLogits: Float64Array[] = [];
  const steps: number[] = [];
  const surfaces: string[] = [];
  const model = join(options.out, "model");
  const tensors = new Map<string, TensorData>(grouper.parameters);
  for (let member = 0; member < MEMBERS; member++) {
    const left = trainRows.flatMap((_, row) => (folds[row] === member ? [row] : []));
    const folder = RunFolder.open(
      join(options.out, `member-${member}`),
      {
        command: "finetune",
        seed,
        settings: { ...config, member, encoder: encoder.hash, base: base?.card.sha256 ?? null },
        data,
      },
      options.resume,
    );
    const fitted = await fitMember({
      config,
      table,
      trained,
      seed,
      member,
      training: trainRows.filter((_, row) => folds[row] !== member),
      validation: validRows,
      unseen: left.map((row) => trainRows[row]!),
      threads: options.threads,
      folder,
      watcher,
    });
    left.forEach((row, i) => {
      outOfFold[row] = fitted.unseen[i]!;
      surfaceOutOfFold[row] = fitted.unseenSurface[i]!;
    });
    validLogits.push(fitted.validation);
    steps.push(fitted.step);
    if (fitted.surface) {
      const file = join(model, `surface-${member}.safetensors`);
      fitted.surface.save(file);
      surfaces.push(sha256(readBytes(file)));
    }
    for (const [name, tensor] of fitted.frozen) tensors.set(name, tensor);
    for (const [name, tensor] of fitted.parameters) tensors.set(`member-${member}/${name}`, tensor);
  }

  const logits = validLogits[0]!.map((_, i) => mean(validLogits.map((values) => values[i]!)));
  const { labels } = validation;
  const temperature = fitTemperature(logits, labels);
  const probabilities = applyTemperature(logits, temperature);
  const card: ModelCard = {
    preset,
    config,
    surfaces,
    encoder: encoder.hash,
    diseases: [...table.keys()],
    seed,
    members: MEMBERS,
    pretrained: base !== undefined,
    temperature,
    threshold: bestF1Threshold(labels, probabilities),
    baseRate: mean(training.labels),
    outOfFold: scoresOf(training.labels, applyTemperature(outOfFold, temperature)),
    surfaceOutOfFold: config.surface
      ? scoresOf(training.labels, applyTemperature(surfaceOutOfFold, 1))
      : undefined,
    validation: scoresOf(labels, probabilities),
    data,
    terms: TERMS,
  };
  for (const name of ["config.json", "tokenizer.json", "model.safetensors"])
    cpSync(join(encoderFolder, name), join(model, "encoder", name));
  writeModel(model, "model", card, tensors, "F16");
  store.close();
  await grouper.release();
  await encoder.release();
  const { outOfFold: unseen, surfaceOutOfFold: unseenSurface, validation: valid } = card;
  return { model, steps, outOfFold: unseen, surfaceOutOfFold: unseenSurface, validation: valid };
}

/** A trial with all that fine-tuning reads of it. */
interface Row {
  readonly features: TrialFeatures;
  readonly trial: Trial;
  readonly label: number;
  readonly grouped: Grouped;
}

interface Member {
  /** What the member shares with the others: the base without the grouping blocks. */
  readonly frozen: ReadonlyMap<string, TensorData>;
  /** What it learned: LoRA and head. */
  readonly parameters: ReadonlyMap<string, TensorData>;
  readonly surface: SurfaceLevel | undefined;
  readonly step: number;
  /** Logits of the validation trials and of the training trials it had not seen. */
  readonly validation: Float64Array;
  readonly unseen: Float64Array;
  readonly unseenSurface: Float64Array;
}

/** Fits one member of the ensemble. */
async function fitMember(options: {
  config: ModelConfig;
  table: DiseaseTable;
  trained: ReadonlyMap<string, TensorData>;
  seed: number;
  member: number;
  training: readonly Row[];
  validation: readonly Row[];
  unseen: readonly Row[];
  threads: number;
  folder: RunFolder;
  watcher: Watcher;
}): Promise<Member> {
  const { config, table, seed, member, training, threads, watcher } = options;
  const settings = config.finetuning;
  const { batch } = settings;
  const of = `member ${member + 1} of ${MEMBERS}`;
  const labels = Float32Array.from(training, ({ label }) => label);

  watcher.report({ stage: `Fitting the surface level, ${of}`, done: 0, total: 1 });
  const fitted = config.surface
    ? surfaceOfMember(
        options.folder,
        training.map(({ trial }) => trial),
        labels,
        new Random(seed, member).integer(2 ** 31),
      )
    : undefined;
  const surface = fitted?.level;
  const trainSurface = fitted?.outOfFold ?? new Float64Array(training.length);
  const surfaceOf = (rows: readonly Row[]) =>
    surface?.logits(rows.map(({ trial }) => trial)) ?? new Float64Array(rows.length);

  const stepGraph = new Graph();
  const { parameters, logits } = buildPrediction(stepGraph, config, table, batch, true);
  const target = stepGraph.input("labels", [batch]);
  const weights = stepGraph.input("weights", [batch]);
  const loss = binaryCrossEntropy(logits, target, weights);
  stepGraph.output("loss", loss);
  // Without a base the members share what is drawn and frozen all the same: the model holds it once.
  const shared = parameters.initial(seed, options.trained);
  const own = parameters.initial(new Random(seed, member).integer(2 ** 31));
  const adam = { ...ADAMW, weightDecay: settings.weightDecay };
  const loraRate = settings.loraLearningRate / settings.headLearningRate;
  adamW(
    stepGraph,
    loss,
    [...parameters.tensors]
      .filter(([name]) => isFineTuned(name))
      .map(([name, tensor]) => ({ tensor, rate: name.includes("lora") ? loraRate : 1 })),
    adam,
  );
  const session = await compile(stepGraph, threads);
  const frozen = new Map([...shared].filter(([name]) => !isFineTuned(name)));
  const learned = new Map([...own].filter(([name]) => isFineTuned(name)));
  const frozenFeeds = feedsOf(frozen);

  const testGraph = new Graph();
  testGraph.output("logits", buildPrediction(testGraph, config, table, batch, false).logits);
  const testSession = await compile(testGraph, threads);
  const score = async (
    rows: readonly Row[],
    surfaceLogits: Float64Array,
    values: Readonly<Record<string, Feed>>,
  ) => {
    const result = new Float64Array(rows.length);
    for (let first = 0; first < rows.length; first += batch) {
      const part = rows.slice(first, first + batch);
      const output = await testSession.run({
        ...frozenFeeds,
        ...values,
        ...rowFeeds(config, table, part, surfaceLogits.subarray(first, first + batch), batch),
      });
      result.set(floats(output.logits).subarray(0, part.length), first);
    }
    return result;
  };

  const validLabels = options.validation.map(({ label }) => label);
  const validSurface = surfaceOf(options.validation);
  const stepsPerEpoch = Math.ceil(training.length / batch);
  const steps = stepsPerEpoch * settings.epochs;
  let order = { epoch: -1, rows: new Int32Array() as Int32Array };
  const result = await train(
    {
      stage: `Fine-tuning, ${of}`,
      session,
      state: initialState(learned),
      steps,
      adamW: adam,
      learningRate: (step) =>
        cosineSchedule(step, { peak: settings.headLearningRate, warmup: stepsPerEpoch, steps }),
      batch: (step) => {
        const epoch = Math.floor((step - 1) / stepsPerEpoch);
        if (order.epoch !== epoch)
          order = {
            epoch,
            rows: new Random(seed, member, "epoch", epoch).permutation(training.length),
          };
        const first = ((step - 1) % stepsPerEpoch) * batch;
        const chosen = [...order.rows.subarray(first, first + batch)];
        const rows = chosen.map((row) => training[row]!);
        const values = Float64Array.from(chosen, (row) => trainSurface[row]!);
        const fill = (value: (row: number) => number) => {
          const filled = new Float32Array(batch);
          chosen.forEach((row, i) => {
            filled[i] = value(row);
          });
          return filled;
        };
        return {
          ...frozenFeeds,
          ...rowFeeds(config, table, rows, values, batch),
          labels: fill((row) => labels[row]!),
          weights: fill(() => 1),
          keep: dropoutMask(
            batch * HEAD_INPUTS * config.width,
            settings.dropout,
            new Random(seed, member, "dropout", step),
          ),
        };
      },
      validate: {
        every: stepsPerEpoch,
        minimise: "logLoss",
        patience: settings.patience,
        measure: async (values) => ({
          ...scoresOf(
            validLabels,
            applyTemperature(await score(options.validation, validSurface, values), 1),
          ),
        }),
      },
      checkpointEvery: stepsPerEpoch,
    },
    options.folder,
    watcher,
  );
  const best = feedsOf(result.parameters);
  const unseenSurface = surfaceOf(options.unseen);
  const member_ = {
    frozen,
    parameters: result.parameters,
    surface,
    step: result.step,
    validation: await score(options.validation, validSurface, best),
    unseen: await score(options.unseen, unseenSurface, best),
    unseenSurface,
  };
  await session.release();
  await testSession.release();
  return member_;
}

/** The surface level of a member: fitted once and kept in its folder, which a resumed run reads. */
function surfaceOfMember(
  folder: RunFolder,
  trials: readonly Trial[],
  labels: Labels,
  seed: number,
): { level: SurfaceLevel; outOfFold: Float64Array } {
  const file = folder.file("surface.safetensors");
  const unseen = folder.file("surface-out-of-fold.json");
  if (existsSync(unseen))
    return {
      level: SurfaceLevel.load(file),
      outOfFold: Float64Array.from(JSON.parse(readText(unseen)) as number[]),
    };
  const fitted = fitSurface(trials, labels, { seed });
  fitted.level.save(file);
  writeWhole(unseen, JSON.stringify([...fitted.outOfFold]));
  return fitted;
}

const feedsOf = (parameters: ReadonlyMap<string, TensorData>): Record<string, Feed> =>
  Object.fromEntries([...parameters].map(([name, { data }]) => [name, data]));

/** Inverted dropout: each entry is 0 with probability `share`, else 1 / (1 − share). */
function dropoutMask(size: number, share: number, random: Random): Float32Array {
  const kept = 1 / (1 - share);
  return Float32Array.from({ length: size }, () => (random.uniform() < share ? 0 : kept));
}

function scoresOf(labels: Labels, probabilities: ArrayLike<number>): Scores {
  return {
    prAuc: averagePrecision(labels, probabilities),
    rocAuc: rocAuc(labels, probabilities),
    logLoss: logLoss(labels, probabilities),
  };
}

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

/** @throws InputError if a trial is in both splits */
function refuseOverlap(
  training: readonly TrialFeatures[],
  validation: readonly TrialFeatures[],
  { train, valid }: Pick<FinetuneOptions, "train" | "valid">,
): void {
  const known = new Set(training.map(({ nctId }) => nctId));
  const shared = validation.filter(({ nctId }) => known.has(nctId));
  if (shared.length > 0)
    throw new InputError(
      `${shared.length} trials are in ${train} too, such as ${shared[0]!.nctId}`,
      {
        file: valid,
        field: "nctid",
        remedy: "Remove them from one of the splits",
      },
    );
}

/**
 * Pre-training pulls the criteria of the successful trials it sees to their own drugs and diseases. A
 * trial seen there shows its label by how well it matches: 574 of 592 successes of TOP phase I in one
 * pre-training raised ROC-AUC out of fold by .01, which test did not follow.
 * @throws InputError if a labelled trial was pre-trained on
 */
function refuseSeen(
  labelled: readonly TrialFeatures[],
  trials: readonly string[],
  base: string,
): void {
  const known = new Set(trials);
  const seen = labelled.filter(({ nctId }) => known.has(nctId));
  if (seen.length > 0)
    throw new InputError(
      `was pre-trained on ${seen.length} of the labelled trials, such as ${seen[0]!.nctId}`,
      {
        file: base,
        remedy: "Pre-train again with --exclude naming the files of labelled trials too",
      },
    );
}
