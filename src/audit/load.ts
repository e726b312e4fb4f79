import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
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
import { readCells, readEvaluation, readFitted, readPretraining, readSct } from "./run.js";
import { readTrialFile } from "./trial-file.js";

const TRIALS = /\.(?:csv|json|ndjson)(?:\.gz)?$/;
const SCT = /^trials\.ndjson(?:\.gz)?$/;

/**
 * Reads what is to be audited. A folder is a run of `pretrain` (base.json) or `finetune`
 * (model/model.json), a model (model.json), a benchmark (results.ndjson), Successful Clinical Trials
 * (card.json beside trials.ndjson.gz), or else a data set, whose files are read one by one. A file is
 * one of trials, or what `evaluate --json` printed.
 * @throws InputError if a path is absent or holds nothing to audit; what is at fault within a folder is
 *   part of the result
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

  const readFile = (path: string) => {
    const evaluation = readEvaluation(path);
    if (evaluation !== undefined) cells.push(evaluation);
    else files.push(readTrialFile(path, vocabularies));
  };
  const readFolder = (path: string) => {
    const names = readdirSync(path).sort();
    const has = (name: string) => existsSync(join(path, name));
    const sct = names.find((name) => SCT.test(name));
    if (has("base.json")) pretrainings.push(readPretraining(path));
    else if (has("model.json")) models.push(readFitted(path));
    else if (has(join("model", "model.json"))) models.push(readFitted(join(path, "model")));
    else if (has("results.ndjson")) {
      const read = readCells(path);
      cells.push(...read.cells);
      unread.push(...read.unread);
    } else if (sct !== undefined && has("card.json")) {
      const file = readTrialFile(join(path, sct), vocabularies, "pre-training");
      files.push(file);
      pretrainings.push(readSct(path, file));
    } else {
      const trials = names.filter((name) => TRIALS.test(name));
      if (trials.length === 0)
        throw new InputError("holds no data set and no run", {
          file: path,
          remedy:
            "Name a folder with CSV, JSON or NDJSON files of trials, or the folder of a run, a model or a benchmark",
        });
      for (const [done, name] of trials.entries()) {
        watcher.report({ stage: `Reading ${path}`, done, total: trials.length });
        attempt(() => readFile(join(path, name)));
      }
    }
  };
  const attempt = (read: () => void) => {
    try {
      read();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      unread.push(error);
    }
  };
  for (const path of new Set(paths.map((path) => path.replace(/(?<=.)\/+$/, "")))) {
    watcher.report({ stage: `Reading ${path}`, done: 0, total: 1 });
    if (existsSync(path) && statSync(path).isDirectory()) readFolder(path);
    else readFile(path);
  }
  if (files.length + pretrainings.length + models.length + cells.length === 0) throw unread[0]!;
  return { dataSets: dataSetsOf(files), pretrainings, models, cells, unread };
}
