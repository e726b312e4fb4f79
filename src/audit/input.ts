import { sep } from "node:path";
import type { InputError } from "../base/error.js";
import { groupBy } from "../base/group.js";
import type { CellResult, Predictions } from "../benchmark/result.js";
import type { ResolvedDrugs } from "../drug/index.js";
import type { SeenTrials } from "../training/seen.js";
import type { TrialRecord } from "../trial/index.js";

/** What a file of trials is for, as its name tells. */
export const ROLES = ["train", "valid", "test", "pre-training", "other"] as const;
export type Role = (typeof ROLES)[number];

/** A trial with what the checks compare. */
export interface AuditedTrial extends TrialRecord {
  /** What each of its interventions stands for by name, in the shipped vocabulary. */
  readonly drugs: readonly ResolvedDrugs[];
  /** SMILES of all of them. */
  readonly molecules: readonly string[];
  /** Whether a condition of it has a place in the ICD-10 hierarchy. */
  readonly hasDisease: boolean;
  /** What its row says in columns that are no part of TOP's, by column. */
  readonly otherFields: Readonly<Record<string, string>>;
}

export interface TrialFile {
  /** As the user gave it, or found in a folder that the user gave. */
  readonly path: string;
  /** As findings call it: its base name, after as many folders as tell it from the other files'. */
  readonly name: string;
  /** Files of one data set are its splits, such as "phase I". */
  readonly dataSet: string;
  readonly role: Role;
  readonly sha256: string;
  readonly trials: readonly AuditedTrial[];
  /** Rows that are no trials. */
  readonly invalid: readonly InputError[];
  /** Fields that are filled after the start of a trial only, and how often they occur. */
  readonly laterFields: ReadonlyMap<string, number>;
}

/** What a data set has for one purpose: as a rule one file. */
export interface Split {
  readonly role: Role;
  readonly files: readonly TrialFile[];
  readonly trials: readonly AuditedTrial[];
}

export interface DataSet {
  readonly name: string;
  /** In the order of {@link ROLES}, those that it has. */
  readonly splits: readonly Split[];
}

/** The trials that a model saw before it was fine-tuned: a run of `pretrain`, or an SCT. */
export interface Pretraining {
  readonly path: string;
  readonly trials: ReadonlySet<string>;
  /** SHA-256 of the files that it says it shares no drug with. */
  readonly drugsExcludedOf: ReadonlySet<string>;
}

/** A fine-tuned model. */
export interface FittedModel {
  readonly path: string;
  /** File name → SHA-256 of what it was fitted on. */
  readonly data: Readonly<Record<string, string>>;
  /** The trials that it has seen; an older model does not list them. */
  readonly seen: SeenTrials | undefined;
}

/** Figures of one method on one set of trials. */
export interface ScoredCell {
  /** The file or folder it comes from. */
  readonly path: string;
  /** Names it in findings. */
  readonly name: string;
  readonly figures: Pick<CellResult["figures"], "n" | "positives" | "prAuc" | "f1" | "threshold">;
  /** File name → SHA-256 of what it was fitted and scored on. */
  readonly data: Readonly<Record<string, string>>;
  /** Name of the file whose trials were scored. */
  readonly scored: string | undefined;
  readonly predictions: Predictions | undefined;
}

/** Everything that is audited together. */
export interface AuditInput {
  /** In the order of their names. */
  readonly dataSets: readonly DataSet[];
  readonly pretrainings: readonly Pretraining[];
  readonly models: readonly FittedModel[];
  readonly cells: readonly ScoredCell[];
  /** Files and lines that could not be read. */
  readonly unread: readonly InputError[];
}

/** The data sets that files make up; a file that is no split is one by itself. */
export function dataSetsOf(given: readonly TrialFile[]): DataSet[] {
  const paths = given.map(({ path }) => path);
  const files = given.map((file) => {
    const name = shortName(file.path, paths);
    return { ...file, name, ...(file.role === "other" && { dataSet: name }) };
  });
  const sets = [...groupBy(files, ({ dataSet }) => dataSet)].sort(([a], [b]) => (a < b ? -1 : 1));
  return sets.map(([name, own]) => ({
    name,
    splits: ROLES.map((role) => ({ role, files: own.filter((file) => file.role === role) }))
      .filter(({ files }) => files.length > 0)
      .map((split) => ({ ...split, trials: split.files.flatMap(({ trials }) => trials) })),
  }));
}

/** The end of a path that no other path has, from a folder on. */
function shortName(path: string, all: readonly string[]): string {
  const parts = path.split(sep);
  const ends = parts.map((_, i) => parts.slice(i).join(sep)).reverse();
  const isAlone = (end: string) =>
    all.every((other) => other === path || !`${sep}${other}`.endsWith(`${sep}${end}`));
  return ends.find(isAlone) ?? path;
}

export const filesOf = ({ dataSets }: AuditInput): TrialFile[] =>
  dataSets.flatMap(({ splits }) => splits.flatMap(({ files }) => files));

/** What a split is called within its data set. */
export const titleOf = ({ role, files }: Split): string =>
  role === "other" ? files.map(({ name }) => name).join(" and ") : role;

/** Whether figures are reported for the split, or models chosen on it. */
export const isHeldOut = ({ role }: { readonly role: Role }): boolean =>
  role === "valid" || role === "test";

/** Whether the split is for fitting or scoring, so that its trials need labels. */
export const isLabelled = (split: { readonly role: Role }): boolean =>
  split.role === "train" || isHeldOut(split);

/** Every two items of a list, the earlier one first. */
export const pairsOf = <T>(items: readonly T[]): [T, T][] =>
  items.flatMap((first, i) => items.slice(i + 1).map((second): [T, T] => [first, second]));

export const idOf = ({ trial }: TrialRecord): string => trial.nctId;
