import { basename, join } from "node:path";
import { z } from "zod";
import { InputError, messageOf } from "../base/error.js";
import { readText } from "../base/file.js";
import { readModel } from "../model/index.js";
import {
  type FittedModel,
  idOf,
  type Pretraining,
  type ScoredCell,
  type TrialFile,
} from "./input.js";

const Base = z.object({ trials: z.array(z.string()) });
const Model = z.object({ data: z.record(z.string(), z.string()) });
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
  const { settings, data } = readJson(file, Choice);
  return new Set(settings.excludeDrugs ? Object.values(data) : []);
}

/** A fine-tuned model. @throws InputError if the folder is damaged */
export const readFitted = (folder: string): FittedModel => ({
  path: folder,
  data: cardOf(folder, "model", Model).data,
});

/** The card that `writeModel` wrote. */
const cardOf = <T extends z.ZodType>(folder: string, name: string, schema: T): z.infer<T> =>
  fit(readModel<unknown>(folder, name).card, schema, { file: join(folder, `${name}.json`) });

const Figures = z.object({
  n: z.number().int().positive(),
  positives: z.number().int().nonnegative(),
  prAuc: z.number(),
  f1: z.number().nullable(),
  threshold: z.number().nullable(),
});
const Cell = z.object({
  id: z.string(),
  method: z.string(),
  task: z.string(),
  dataset: z.string(),
  seed: z.number(),
  data: z.record(z.string(), z.string()),
  scored: z.string(),
  figures: Figures,
});
const PredictionsOf = z
  .object({
    trials: z.array(z.string()),
    labels: z.array(z.union([z.literal(0), z.literal(1)])),
    scores: z.array(z.number()),
    areProbabilities: z.boolean(),
  })
  .refine(({ trials, labels, scores }) =>
    [labels.length, scores.length].every((length) => length === trials.length),
  );

/** The cells of a benchmark's `results.ndjson` with their predictions, and what of it is malformed. */
export function readCells(folder: string): { cells: ScoredCell[]; unread: InputError[] } {
  const cells: ScoredCell[] = [];
  const unread: InputError[] = [];
  const file = join(folder, "results.ndjson");
  for (const [index, line] of readText(file).split("\n").entries()) {
    if (line.trim() === "") continue;
    try {
      const { id, task, dataset, method, seed, ...cell } = parse(line, Cell, {
        file,
        row: index + 1,
      });
      cells.push({
        path: folder,
        name: `${method} (${task}, ${dataset}, seed ${seed})`,
        ...cell,
        predictions: readJson(join(folder, "predictions", `${id}.json`), PredictionsOf),
      });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      unread.push(error);
    }
  }
  return { cells, unread };
}

const Evaluation = Figures.extend({ model: z.string() });

/** What `evaluate --json` printed, or undefined if the file is something else. */
export function readEvaluation(path: string): ScoredCell | undefined {
  if (!path.endsWith(".json")) return undefined;
  const parsed = Evaluation.safeParse(readLoosely(path));
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

function readLoosely(path: string): unknown {
  try {
    return JSON.parse(readText(path));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // the reader of trials says what is wrong
    throw error;
  }
}

const readJson = <T extends z.ZodType>(file: string, schema: T): z.infer<T> =>
  parse(readText(file), schema, { file });

interface Place {
  readonly file: string;
  readonly row?: number;
}

const failure = (problem: string, place: Place, field?: string): InputError =>
  new InputError(problem, { ...place, field, remedy: "Restore it, or run again what wrote it" });

/** @throws InputError if the text is no JSON or does not fit */
function parse<T extends z.ZodType>(text: string, schema: T, place: Place): z.infer<T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw failure(`is malformed JSON: ${messageOf(error)}`, place);
  }
  return fit(value, schema, place);
}

/** @throws InputError naming the first field that does not fit */
function fit<T extends z.ZodType>(value: unknown, schema: T, place: Place): z.infer<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { message, path } = parsed.error.issues[0]!;
  throw failure(`does not fit: ${message}`, place, path.join(".") || undefined);
}
