/** What the files of a benchmark hold, to be checked when they are read. */
import { z } from "zod";
import { type CellFailure, type CellResult, TASKS } from "../benchmark/result.js";

const count = z.number().int().min(0);
/** From 0 to 1; sums of parts may pass 1 by rounding. */
const share = z
  .number()
  .min(0)
  .max(1 + 1e-9);
const interval = z.tuple([share, share]);
const settings = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

const llm = z.object({
  model: z.string(),
  asked: count,
  cached: count,
  refused: count,
  unparsable: count,
  promptTokens: count,
  completionTokens: count,
  withoutUsage: count,
  cost: z.number().min(0).nullable(),
  unanswered: z.array(
    z.object({ nctId: z.string(), why: z.enum(["refused", "unparsable"]), text: z.string() }),
  ),
});

/** A line of `results.ndjson`. */
export const Cell = z.object({
  id: z.string().regex(/^[\w-]+$/, "is no name of a file of predictions"),
  task: z.enum(TASKS),
  dataset: z.string().min(1),
  method: z.string().min(1),
  title: z.string().min(1),
  ours: z.boolean(),
  reference: z.boolean(),
  settings,
  seed: count,
  configuration: z.string(),
  data: z.record(z.string(), z.string()),
  scored: z.string(),
  seconds: z.number().min(0),
  figures: z.object({
    n: z.number().int().min(1),
    positives: count,
    prAuc: share,
    rocAuc: share,
    f1: share.nullable(),
    accuracy: share.nullable(),
    threshold: z.number().nullable(),
    brier: share.nullable(),
    ece: share.nullable(),
    logLoss: z.number().min(0).nullable(),
    interval: z.object({ prAuc: interval, rocAuc: interval }),
  }),
  validation: z.object({ prAuc: share, rocAuc: share }).nullable(),
  subgroups: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        n: z.number().int().min(1),
        positives: count,
        prAuc: share.nullable(),
        rocAuc: share.nullable(),
        accuracy: share.nullable(),
        brier: share.nullable(),
      }),
    ),
  ),
  notes: z.object({ llm }).optional(),
}) satisfies z.ZodType<CellResult>;

/** A line of `failures.ndjson`. */
export const Failure = z.object({
  id: z.string(),
  task: z.enum(TASKS),
  dataset: z.string(),
  method: z.string(),
  settings,
  seed: count,
  message: z.string(),
  log: z.string(),
}) satisfies z.ZodType<CellFailure>;

const byTask = z.partialRecord(z.enum(TASKS), count);

/** `grid.json`: how many cells the grid has, together, by task, and by data set and task. */
export const Grid = z.object({
  cells: count,
  byTask,
  byDataset: z.record(z.string(), byTask).optional(),
});
