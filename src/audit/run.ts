import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { collecting, type InputError } from "../base/error.js";
import { readText } from "../base/file.js";
import { checkAs, parseAs, tryParseJson } from "../base/json.js";
import { readPredictions } from "../benchmark/predictions.js";
import { readModel } from "../model/index.js";
import { readCellLines } from "../report/read-results.js";
import { Cell } from "../report/result-schema.js";
import { readSeen } from "../training/seen.js";
import { nctIdOf } from "../trial/index.js";
import {
  type FittedModel,
  idOf,
  type Pretraining,
  type ScoredCell,
  type TrialFile,
} from "./input.js";

const Base = z.object({ trials: z.array(z.string().transform(nctIdOf)) });
const Model = z.object({
  data: z.record(z.string(), z.string()),
  trials: z.string().optional(),
});
/** What decided a choice of trials, as `pretrain` and `sct build` write it. */
const Choice = z.object({
  settings: z.object({ excludeDrugs: z.boolean() }),
  data: z.record(z.string(), z.string()),
});

/** A run of `pretrain`. @throws InputError if the folder is damaged */
export function readPretraining(folder: string): Pretraining {
  const { trials } = cardOf(folder, "base", Base);
  return {
    path: folder,
    trials: new Set(trials),
    drugsExcludedOf: drugsExcludedBy(join(folder, "config.json")),
  };
}

/** Successful Clinical Trials. @throws InputError if the card is malformed */
export function readSct(folder: string, { trials }: TrialFile): Pretraining {
  return {
    path: folder,
    trials: new Set(trials.map(idOf)),
    drugsExcludedOf: drugsExcludedBy(join(folder, "card.json")),
  };
}

/** SHA-256 of all files that were read, among them the excluded ones, if drugs were excluded at all. */
function drugsExcludedBy(file: string): Set<string> {
  const { settings, data } = parseAs(Choice, readText(file), { file, remedy: REMEDY });
  return new Set(settings.excludeDrugs ? Object.values(data) : []);
}

/** A fine-tuned model. @throws InputError if the folder is damaged */
export function readFitted(folder: string): FittedModel {
  const { data, trials } = cardOf(folder, "model", Model);
  return { path: folder, data, seen: trials === undefined ? undefined : readSeen(folder, trials) };
}

const REMEDY = "Restore it, or run again what wrote it";

/** The card that `writeModel` wrote. */
const cardOf = <T>(folder: string, name: string, schema: z.ZodType<T>): T =>
  checkAs(schema, readModel<unknown>(folder, name).card, {
    file: join(folder, `${name}.json`),
    remedy: REMEDY,
  });

/** What is audited of a benchmark. */
export interface Benchmark {
  /** Of `results.ndjson`, with their predictions. */
  readonly cells: readonly ScoredCell[];
  /** Of its bases; those that have seen the same trials are one. */
  readonly pretrainings: readonly Pretraining[];
  /** What is malformed. */
  readonly unread: readonly InputError[];
}

/** A benchmark that has results. */
export function readBenchmark(folder: string): Benchmark {
  const { values, invalid, cutOff } = readCellLines(folder);
  const cells: ScoredCell[] = [];
  const unread = [...invalid, ...(cutOff ? [cutOff] : [])];
  for (const cell of values) {
    const { task, dataset, method, seed, figures, data, scored } = cell;
    const name = `${method} (${task}, ${dataset}, seed ${seed})`;
    collecting(unread, () => {
      const said = readPredictions(folder, cell);
      const predictions = { ...said, trials: said.trials.map(nctIdOf) };
      cells.push({ path: folder, name, figures, data, scored, predictions });
    });
  }
  const pretrainings = new Map<string, Pretraining>();
  for (const base of basesIn(folder))
    collecting(unread, () => {
      const read = readPretraining(base);
      const trials = [...read.trials].join();
      if (!pretrainings.has(trials)) pretrainings.set(trials, read);
    });
  return { cells, pretrainings: [...pretrainings.values()], unread };
}

/** Runs of `pretrain` that a benchmark's bases are made by, those that are finished. */
function basesIn(folder: string): string[] {
  const bases = join(folder, "bases");
  if (!existsSync(bases)) return [];
  return readdirSync(bases)
    .sort()
    .map((id) => join(bases, id, "pretraining"))
    .filter((run) => existsSync(join(run, "base.json")));
}

const Evaluation = Cell.shape.figures
  .pick({ n: true, positives: true, prAuc: true, f1: true, threshold: true })
  .extend({ model: z.string() });

/** What `evaluate --json` printed, or undefined if the file is something else. */
export function readEvaluation(path: string): ScoredCell | undefined {
  if (!path.endsWith(".json")) return undefined;
  // Of malformed JSON the reader of trials says what is wrong.
  const parsed = Evaluation.safeParse(tryParseJson(readText(path)));
  if (!parsed.success) return undefined;
  const { model, ...figures } = parsed.data;
  return {
    path,
    name: basename(model),
    figures,
    data: {},
    scored: undefined,
    predictions: undefined,
  };
}
