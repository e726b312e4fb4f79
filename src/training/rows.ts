import { InputError } from "../base/error.js";
import { countPositives } from "../base/labels.js";
import type { TensorData } from "../base/safetensors.js";
import type { Watcher } from "../base/watcher.js";
import { type Processor, requireDevice } from "../graph/index.js";
import { type FoundEncoder, resolveEncoder } from "../language/index.js";
import {
  createGrouper,
  createMatcher,
  type DiseaseTable,
  describeTrial,
  diseaseTable,
  type Grouped,
  loadResources,
  type ModelConfig,
  meanStates,
  PRESETS,
  type Preset,
  readModel,
  shallowInput,
  type TrialFeatures,
} from "../model/index.js";
import {
  type Features,
  featuresOf,
  fitSpace,
  type ShallowInput,
  type Space,
  selectFeatures,
} from "../shallow/index.js";
import { nctIdOf, pooled, readTrialFiles, type TrialRecord } from "../trial/index.js";
import { type Cache, openEncoder, statesOf } from "./encode.js";
import type { BaseCard } from "./pretrain.js";
import type { SeenTrials } from "./seen.js";

/** What fine-tuning reads. */
export interface RowSources extends Cache, Processor {
  /** Labelled trials: the official training split, and the one for stopping and thresholds; or several. */
  readonly train: readonly string[];
  readonly valid: readonly string[];
  /** Run folder of a pre-training; without it the model starts from nothing. */
  readonly base?: string | undefined;
  /** Folder or name of the encoder; by default the one that the base was trained with. */
  readonly encoder?: string | undefined;
  /** Whether nothing is downloaded. */
  readonly offline?: boolean | undefined;
  /** Without a base; a base has its own. */
  readonly preset: Preset;
  readonly drugs: string;
  readonly conditions: string;
  /** Whether bad rows are listed in the run's folder instead of stopping it. */
  readonly skipInvalid: boolean;
  readonly seed: number;
  /** Folder of the run. */
  readonly out: string;
}

/** A trial with all that fine-tuning reads of it. */
export interface Row {
  readonly features: TrialFeatures;
  readonly label: number;
  readonly grouped: Grouped;
}

/** Trials, with their rows in the features of the shallow level where the preset has one. */
export interface Rows {
  readonly rows: readonly Row[];
  readonly shallow: Features | undefined;
}

export const chooseRows = ({ rows, shallow }: Rows, chosen: readonly number[]): Rows => ({
  rows: chosen.map((row) => rows[row]!),
  shallow: shallow && selectFeatures(shallow, chosen),
});

export const labelsOf = (rows: readonly Row[]): Float32Array =>
  Float32Array.from(rows, ({ label }) => label);

/** Labelled trials as fine-tuning reads them, and the frozen parts that it stands on. */
export interface FinetuneRows {
  readonly preset: Preset;
  readonly config: ModelConfig;
  readonly encoder: FoundEncoder & { readonly hash: string };
  /** Parameters of the base; empty without one. */
  readonly base: ReadonlyMap<string, TensorData>;
  /** SHA-256 of the base's parameters, where there is a base. */
  readonly baseHash: string | undefined;
  /** Parameters of the grouping blocks. */
  readonly grouping: ReadonlyMap<string, TensorData>;
  readonly table: DiseaseTable;
  /** What the shallow level counts, where the preset has one: learned from the training trials. */
  readonly space: Space | undefined;
  readonly training: Rows;
  readonly validation: Rows;
  readonly seen: SeenTrials;
}

const GROUPING_BATCH = 16;

interface Labelled {
  readonly features: TrialFeatures[];
  readonly labels: Float32Array;
}

/**
 * Reads labelled trials, encodes their criteria and groups the hidden states.
 * @throws InputError on bad input, Interrupted if the watcher stops it
 */
export async function readRows(options: RowSources, watcher: Watcher): Promise<FinetuneRows> {
  await requireDevice(options);
  const base = options.base === undefined ? undefined : readModel<BaseCard>(options.base, "base");
  const named = options.encoder ?? base?.card.encoder.model ?? base?.card.encoder.folder;
  if (named === undefined)
    throw new InputError("no encoder is given", {
      remedy: "Name a pre-trained run with --base, or an encoder with --encoder",
    });
  const found = await resolveEncoder(named, options, watcher);
  const preset = base?.card.preset ?? options.preset;
  const config = base?.card.config ?? PRESETS[preset];
  const { encoder, store, fill } = openEncoder(found.folder, config, options);
  if (base && base.card.encoder.hash !== encoder.hash)
    throw new InputError("is not the encoder that the base was pre-trained with", {
      file: found.folder,
      remedy: "Name that encoder, or pre-train with this one",
    });

  watcher.report({ stage: "Reading trials", done: 0, total: 1 });
  const resources = await loadResources(options.drugs, options.conditions);
  const labelled = (records: readonly TrialRecord[] = []): Labelled => ({
    features: records.map(({ trial }) => describeTrial(trial, resources)),
    labels: Float32Array.from(records, ({ outcome }) => outcome.label!),
  });
  const files = readTrialFiles(
    [...options.train, ...options.valid],
    options.out,
    { requireLabel: true, skipInvalid: options.skipInvalid },
    watcher,
  );
  const validRecords = files.slice(options.train.length).flat();
  const trainRecords = pooled(files.slice(0, options.train.length), validRecords, watcher);
  const training = labelled(trainRecords);
  const validation = labelled(validRecords);
  refuseOneSided(training.labels, options.train.join(", "), LEAST);
  refuseOneSided(validation.labels, options.valid.join(", "), 1);
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

  const parameters = base?.parameters ?? new Map<string, TensorData>();
  const grouper = await createGrouper(config, parameters, {
    depth: encoder.width,
    batch: GROUPING_BATCH,
    processor: options,
    seed: options.seed,
  });
  // Only the shallow level asks what the base makes of a trial.
  const matcher = config.shallow
    ? await createMatcher(config, table, parameters, {
        batch: GROUPING_BATCH,
        processor: options,
        seed: options.seed,
      })
    : undefined;
  const groups: Grouped[] = [];
  const inputs: ShallowInput[] = [];
  for (let first = 0; first < all.length; first += GROUPING_BATCH) {
    watcher.report({ stage: "Grouping hidden states", done: first, total: all.length });
    const lot = all.slice(first, first + GROUPING_BATCH);
    const states = statesOf(
      store,
      lot.map(({ text }) => text),
    );
    const grouped = await grouper.group(states);
    groups.push(...grouped);
    if (!matcher) continue;
    const matches = await matcher.match(
      lot.map((features, i) => ({ features, grouped: grouped[i]! })),
    );
    lot.forEach((features, i) => {
      const [own, match] = [grouped[i]!, matches[i]!];
      inputs.push(shallowInput(features, meanStates(states[i]!), own, config.width, match));
    });
  }
  if (config.shallow) watcher.report({ stage: "Counting terms", done: 0, total: 1 });
  const count = training.features.length;
  const space = config.shallow ? fitSpace(inputs.slice(0, count), options.seed) : undefined;
  const rowsOf = ({ features, labels }: Labelled, from: number): Rows => ({
    rows: features.map((one, i) => ({
      features: one,
      label: labels[i]!,
      grouped: groups[from + i]!,
    })),
    shallow: space && featuresOf(space, inputs.slice(from, from + features.length)),
  });
  const rows = {
    preset,
    config,
    encoder: { ...found, hash: encoder.hash },
    base: parameters,
    baseHash: base?.card.sha256,
    grouping: grouper.parameters,
    table,
    space,
    training: rowsOf(training, 0),
    validation: rowsOf(validation, count),
    seen: {
      pretraining: base?.card.trials ?? [],
      training: training.features.map(({ nctId }) => nctId),
      validation: validation.features.map(({ nctId }) => nctId),
    },
  };
  store.close();
  await grouper.release();
  await matcher?.release();
  await encoder.release();
  return rows;
}

/** Training trials of either outcome: without one of five folds, each of five more must get one. */
const LEAST = 7;

/** @throws InputError if a split has fewer than `least` trials of one outcome */
function refuseOneSided(labels: Float32Array, file: string, least: number): void {
  const positives = countPositives(labels);
  if (Math.min(positives, labels.length - positives) < least)
    throw new InputError(`${positives} of ${labels.length} labels are 1`, {
      file,
      field: "label",
      remedy: `Give ${least} or more trials of either outcome`,
    });
}

/** @throws InputError if a trial is in both splits */
function refuseOverlap(
  training: readonly TrialFeatures[],
  validation: readonly TrialFeatures[],
  { train, valid }: Pick<RowSources, "train" | "valid">,
): void {
  const known = new Set(training.map(({ nctId }) => nctId));
  const shared = validation.filter(({ nctId }) => known.has(nctId));
  if (shared.length > 0)
    throw new InputError(
      `${shared.length} trials are in ${train.join(", ")} too, such as ${shared[0]!.nctId}`,
      {
        file: valid.join(", "),
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
  const known = new Set(trials.map(nctIdOf));
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
