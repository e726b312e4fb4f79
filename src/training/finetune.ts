import { cpSync } from "node:fs";
import { join } from "node:path";
import { hashes, readBytes, sha256 } from "../base/file.js";
import { countPositives } from "../base/labels.js";
import type { TensorData } from "../base/safetensors.js";
import type { Watcher } from "../base/watcher.js";
import { applyTemperature } from "../evaluation/index.js";
import { checkpointFiles } from "../language/index.js";
import { isRanking, type ModelConfig, type Preset, writeModel } from "../model/index.js";
import { LEVEL_SETTINGS, SHALLOW_FILE, writeLevels } from "../shallow/index.js";
import { PHASES, type Phase } from "../trial/index.js";
import { fitEnsemble } from "./ensemble.js";
import { type Scores, scoresOf } from "./member.js";
import { labelsOf, type RowSources, readRows } from "./rows.js";
import { RunFolder } from "./run-folder.js";
import { writeSeen } from "./seen.js";

export interface FinetuneOptions extends RowSources {
  readonly resume: boolean;
}

export interface FinetuneResult {
  /** Folder of the model, ready for `predict` and `evaluate`. */
  readonly model: string;
  /** Step at which each member was best. */
  readonly steps: readonly number[];
  /** Training trials, each by the member that had not seen it. */
  readonly outOfFold: Scores;
  readonly validation: Scores;
}

/** What a model says of itself, beside its parameters. */
export interface ModelCard {
  readonly preset: Preset;
  /** The preset's figures when it was fitted. */
  readonly config: ModelConfig;
  /** SHA-256 of the file of the members' shallow levels, where the preset has them. */
  readonly shallow?: string | undefined;
  /** SHA-256 of the encoder's files and levels. */
  readonly encoder: string;
  /** The hash of the encoder that it was fitted with, which `encoder` was made from in int8. */
  readonly quantised?: { readonly from: string } | undefined;
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
  /** The training trials of each phase that occurs among them; older models do not have it. */
  readonly baseRates?: BaseRates | undefined;
  readonly outOfFold: Scores;
  readonly shallowOutOfFold?: Scores | undefined;
  readonly validation: Scores;
  /** File → SHA-256 of the data it was fitted on. */
  readonly data: Readonly<Record<string, string>>;
  /** SHA-256 of the list of the trials it has seen; older models have none. */
  readonly trials?: string | undefined;
  readonly terms: string;
}

export type BaseRates = Readonly<
  Partial<Record<Phase, { readonly successes: number; readonly trials: number }>>
>;

/** Members of the ensemble. */
export const MEMBERS = 5;
const TERMS =
  "The terms of the data that it was fitted on hold for this model, too: TOP's authors agree to non-commercial use " +
  "only. Criteria of a later snapshot of the registry may have been edited after a trial's start.";

/**
 * Fine-tunes a base on labelled trials (Zhang et al. 2025): LoRA on all attention layers of the
 * branch and the prediction head learn, everything else is frozen. Stopping, temperature and
 * threshold come from the validation split alone.
 * @throws InputError on bad input, Interrupted if the watcher stops it
 */
export async function finetune(
  options: FinetuneOptions,
  watcher: Watcher,
): Promise<FinetuneResult> {
  const { seed } = options;
  RunFolder.refuseOther(options.out, options.resume);
  const rows = await readRows(options, watcher);
  const { config, training, validation, space } = rows;
  const labels = labelsOf(training.rows);
  const validLabels = labelsOf(validation.rows);

  const data = hashes([...options.train, ...options.valid, options.drugs, options.conditions]);
  const settings = {
    ...config,
    level: config.shallow ? LEVEL_SETTINGS : null,
    encoder: rows.encoder.hash,
    base: rows.baseHash ?? null,
  };
  const configuration = {
    command: "finetune",
    seed,
    encoder: rows.encoder.model,
    device: options.device,
    settings,
    data,
  };
  const run = RunFolder.open(options.out, configuration, options.resume);
  run.load(); // it has no checkpoint of its own: members that are done are recorded again
  const ensemble = await fitEnsemble({
    ...rows,
    members: MEMBERS,
    seed,
    processor: options,
    folderOf: (member) =>
      RunFolder.open(
        join(options.out, `member-${member}`),
        { ...configuration, settings: { ...settings, member } },
        options.resume,
        options.out,
      ),
    fitted: ({ step, validation: logits }, member) =>
      run.record({ step, member, ...scoresOf(validLabels, applyTemperature(logits, 1)) }),
    watcher,
  });
  const { members, temperature } = ensemble;

  const model = join(options.out, "model");
  const tensors = new Map<string, TensorData>(rows.grouping);
  for (const [name, tensor] of rows.base) if (isRanking(name)) tensors.set(name, tensor);
  members.forEach(({ frozen, parameters }, member) => {
    for (const [name, tensor] of frozen) tensors.set(name, tensor);
    for (const [name, tensor] of parameters) tensors.set(`member-${member}/${name}`, tensor);
  });
  const shallowFile = join(model, SHALLOW_FILE);
  if (space) writeLevels(shallowFile, { space, members: ensemble.levels });

  const card: ModelCard = {
    preset: rows.preset,
    config,
    shallow: space && sha256(readBytes(shallowFile)),
    encoder: rows.encoder.hash,
    diseases: [...rows.table.keys()],
    seed,
    members: MEMBERS,
    pretrained: rows.baseHash !== undefined,
    temperature,
    threshold: ensemble.threshold,
    baseRate: countPositives(labels) / labels.length,
    baseRates: baseRatesOf(
      training.rows.map(({ features: { phase }, label }) => ({ phase, label })),
    ),
    outOfFold: scoresOf(labels, applyTemperature(ensemble.outOfFold, temperature)),
    shallowOutOfFold: space && scoresOf(labels, applyTemperature(ensemble.shallowOutOfFold, 1)),
    validation: scoresOf(validLabels, applyTemperature(ensemble.validation, temperature)),
    data,
    trials: sha256(writeSeen(model, rows.seen)),
    terms: TERMS,
  };
  for (const name of checkpointFiles(rows.encoder.folder))
    cpSync(join(rows.encoder.folder, name), join(model, "encoder", name), { dereference: true });
  writeModel(model, "model", card, tensors, "F16");
  return {
    model,
    steps: members.map(({ step }) => step),
    outOfFold: card.outOfFold,
    validation: card.validation,
  };
}

/** Successes and trials by phase, in the order of the phases. */
export function baseRatesOf(
  trials: readonly { readonly phase: Phase; readonly label: number }[],
): BaseRates {
  const present = PHASES.filter((phase) => trials.some((trial) => trial.phase === phase));
  return Object.fromEntries(
    present.map((phase) => {
      const own = trials.filter((trial) => trial.phase === phase);
      return [
        phase,
        { successes: countPositives(own.map(({ label }) => label)), trials: own.length },
      ];
    }),
  );
}
