import { existsSync, lstatSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { InputError } from "../base/error.js";
import type { Watcher } from "../base/watcher.js";
import { readConditions, SHIPPED_CONDITIONS } from "../disease/index.js";
import { readVocabulary, SHIPPED_VOCABULARY } from "../drug/index.js";
import {
  type AuditInput,
  dataSetsOf,
  type FittedModel,
  type Pretraining,
  type ScoredCell,
  type TrialFile,
} from "./input.js";
import { readBenchmark, readEvaluation, readFitted, readPretraining, readSct } from "./run.js";
import { readTrialFile } from "./trial-file.js";

/** Something to read: a folder of its kind, or a file. */
interface Source {
  readonly kind: "pretraining" | "model" | "benchmark" | "sct" | "file";
  readonly path: string;
  /** Whether the user named it, rather than the folder that it lies in: then it must be readable. */
  readonly named: boolean;
}

/**
 * Reads what is to be audited. A folder is a run of `pretrain` (base.json) or `finetune`
 * (model/model.json), a model (model.json), a benchmark (results.ndjson), Successful Clinical Trials
 * (card.json beside trials.ndjson.gz), or else one of data sets, whose files are read one by one, and its
 * folders like it. A file is one of trials, or what `evaluate --json` printed.
 * @throws InputError if a path is absent or holds nothing to audit; bad rows, and files of a folder that
 *   cannot be read, are part of the result
 */
export function loadInput(paths: readonly string[], watcher: Pick<Watcher, "report">): AuditInput {
  const vocabularies = {
    drugs: readVocabulary(SHIPPED_VOCABULARY),
    conditions: readConditions(SHIPPED_CONDITIONS),
  };
  const files: TrialFile[] = [];
  const pretrainings: Pretraining[] = [];
  const models: FittedModel[] = [];
  const cells: ScoredCell[] = [];
  const unread: InputError[] = [];
  const read: Readonly<Record<Source["kind"], (path: string) => void>> = {
    pretraining: (path) => pretrainings.push(readPretraining(path)),
    model: (path) => models.push(readFitted(path)),
    benchmark: (path) => {
      const read = readBenchmark(path);
      cells.push(...read.cells);
      pretrainings.push(...read.pretrainings);
      unread.push(...read.unread);
    },
    sct: (path) => {
      const file = readTrialFile(join(path, sctFileIn(path)!), vocabularies, {
        dataSet: path,
        role: "pre-training",
      });
      files.push(file);
      pretrainings.push(readSct(path, file));
    },
    file: (path) => {
      const evaluation = readEvaluation(path);
      if (evaluation === undefined) files.push(readTrialFile(path, vocabularies));
      else cells.push(evaluation);
    },
  };
  const sources = [
    ...new Map(paths.flatMap(sourcesOf).map((source) => [resolve(source.path), source])).values(),
  ];
  for (const [done, { kind, path, named }] of sources.entries()) {
    watcher.report({ stage: "Reading", done, total: sources.length, detail: path });
    try {
      read[kind](path);
    } catch (error) {
      if (named || !(error instanceof InputError)) throw error;
      unread.push(error);
    }
  }
  if (files.length + pretrainings.length + models.length + cells.length === 0)
    throw unread[0] ?? nothingIn(paths.join(", "));
  return { dataSets: dataSetsOf(files), pretrainings, models, cells, unread };
}

const TRIALS = /\.(?:csv|json|ndjson)(?:\.gz)?$/;

/** @throws InputError if a folder holds nothing to audit */
function sourcesOf(given: string): Source[] {
  const path = given.replace(/(?<=.)\/+$/, "");
  if (!existsSync(path) || !statSync(path).isDirectory())
    return [{ kind: "file", path, named: true }];
  const sources = sourcesIn(path, true);
  if (sources.length === 0) throw nothingIn(path);
  return sources;
}

/** What a folder holds: itself, if it is of a kind, else its files of trials and what its folders hold. */
function sourcesIn(path: string, named: boolean): Source[] {
  const has = (...name: string[]) => existsSync(join(path, ...name));
  const whole = (kind: Source["kind"], ...name: string[]): Source[] => [
    { kind, path: join(path, ...name), named },
  ];
  if (has("base.json")) return whole("pretraining");
  if (has("model.json")) return whole("model");
  if (has("model", "model.json")) return whole("model", "model");
  if (has("results.ndjson")) return whole("benchmark");
  if (has("card.json") && sctFileIn(path) !== undefined) return whole("sct");
  if (has("checkpoint.json")) return []; // another run, or one that is not finished
  return readdirSync(path)
    .filter((name) => !name.startsWith("."))
    .sort()
    .flatMap((name): Source[] => {
      const inside = join(path, name);
      if (lstatSync(inside).isDirectory()) return sourcesIn(inside, false);
      return TRIALS.test(name) ? [{ kind: "file", path: inside, named: false }] : [];
    });
}

const sctFileIn = (folder: string): string | undefined =>
  readdirSync(folder).find((name) => /^trials\.ndjson(?:\.gz)?$/.test(name));

const nothingIn = (path: string): InputError =>
  new InputError("holds no data set and no run", {
    file: path,
    remedy:
      "Name a folder with CSV, JSON or NDJSON files of trials, or that of a run, a model or a benchmark",
  });
