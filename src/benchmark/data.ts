import { basename } from "node:path";
import { InputError } from "../base/error.js";
import { positivesOfBoth, splitAtFold, stratifiedFolds } from "../base/labels.js";
import { Random } from "../base/random.js";
import type { Watcher } from "../base/watcher.js";
import { describeTrial, type Resources } from "../model/index.js";
import { pooled, type ReadResult, readTrials, type TrialRecord } from "../trial/index.js";
import type { Dataset } from "./config.js";
import type { DescribedTrial } from "./subgroups.js";

/** Labelled trials of one split. */
export interface Split {
  /** Names of the files they are from. */
  readonly file: string;
  readonly trials: readonly DescribedTrial[];
  readonly labels: readonly (0 | 1)[];
  /** Bad rows of the files, which were left out. */
  readonly invalid: readonly InputError[];
}

/** A data set as every cell sees it. */
export type Splits = Readonly<Record<"train" | "valid" | "test", Split>>;

/** One in this many of the training trials of either outcome validates where no file is given for that. */
const VALIDATION_FOLDS = 5;

/**
 * Reads the splits of a data set. Without a file for validation one in five of the training trials of
 * either outcome are set apart, the same for every seed. (The latest would be more like what is scored, but
 * TOP's last training trials of phase III are 55 successes and 4 failures: only the quick ended in time.)
 * Several training files are pooled, each trial once.
 * @throws InputError for the first bad row unless `skipInvalid`; if a file cannot be read, a split has one
 *   outcome only, or two splits share a trial
 */
export function readSplits(
  dataset: Dataset,
  resources: Resources,
  watcher: Watcher,
  { skipInvalid = false } = {},
): Splits {
  const invalid: Record<keyof Splits, InputError[]> = { train: [], valid: [], test: [] };
  const readAll = (part: keyof Splits, files: readonly string[]) =>
    files.map((file) => {
      const result = readLabelled(file, skipInvalid);
      invalid[part].push(...result.invalid);
      return result.records;
    });
  const namesOf = (files: readonly string[]) => files.map((file) => basename(file)).join(" + ");
  const test = readAll("test", dataset.test).flat();
  let valid = dataset.valid && readAll("valid", dataset.valid).flat();
  const others = [...(valid ?? []), ...test];
  let train = pooled(readAll("train", dataset.train), others, watcher);
  let validFile = dataset.valid && namesOf(dataset.valid);
  if (!valid) {
    const labels = train.map(({ outcome }) => outcome.label!);
    const folds = stratifiedFolds(labels, VALIDATION_FOLDS, new Random("validation"));
    const { known, unseen } = splitAtFold(folds, 0);
    [train, valid] = [known, unseen].map((rows) => rows.map((row) => train[row]!)) as [
      TrialRecord[],
      TrialRecord[],
    ];
    validFile = `${namesOf(dataset.train)}, one in ${VALIDATION_FOLDS}`;
  }
  const records = { train, valid, test };
  const files = { train: namesOf(dataset.train), valid: validFile!, test: namesOf(dataset.test) };
  refuseShared(records, files);
  const split = (part: keyof Splits): Split => {
    const labels = records[part].map(({ outcome }) => outcome.label!);
    try {
      positivesOfBoth(labels);
    } catch (error) {
      throw error instanceof InputError ? error.at({ file: files[part] }) : error;
    }
    const trials = records[part].map((record) => ({
      record,
      features: describeTrial(record.trial, resources),
    }));
    return { file: files[part], trials, labels, invalid: invalid[part] };
  };
  return { train: split("train"), valid: split("valid"), test: split("test") };
}

/** @throws InputError as readTrials does; of a bad row it says how to go on without */
function readLabelled(file: string, skipInvalid: boolean): ReadResult {
  try {
    return readTrials(file, { requireLabel: true, skipInvalid });
  } catch (error) {
    if (!(error instanceof InputError) || error.location.row === undefined) throw error;
    const remedy = `${error.location.remedy}; or go on without bad rows: --skip-invalid`;
    throw new InputError(error.problem, { ...error.location, remedy });
  }
}

/** @throws InputError if a trial is in two splits */
function refuseShared(
  records: Readonly<Record<keyof Splits, readonly TrialRecord[]>>,
  files: Readonly<Record<keyof Splits, string>>,
): void {
  const seen = new Map<string, string>();
  for (const part of ["train", "valid", "test"] as const)
    for (const { trial } of records[part]) {
      const other = seen.get(trial.nctId);
      if (other !== undefined)
        throw new InputError(`${trial.nctId} is in ${other}, too`, {
          file: files[part],
          field: "nctid",
          remedy: "Remove it from one of them; cladmop audit lists all such trials",
        });
      seen.set(trial.nctId, files[part]);
    }
}
