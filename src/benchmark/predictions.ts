import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { InputError } from "../base/error.js";
import { readText } from "../base/file.js";
import { parseAs } from "../base/json.js";
import type { CellResult, Predictions } from "./result.js";

/** Cells whose results or predictions are missing or damaged are computed again by that. */
export const RERUN = "Run the benchmark again for the cells that are missing";

/** Where predictions of a cell are, in the folder of a benchmark. */
export const predictionsFile = (folder: string, id: string): string =>
  join(folder, "predictions", `${id}.json`);

/** What a cell said of each trial. @throws InputError naming file and field if they are absent or malformed. */
export function readPredictions(
  folder: string,
  { id, figures }: Pick<CellResult, "id" | "figures">,
): Predictions {
  const file = predictionsFile(folder, id);
  if (!existsSync(file)) throw new InputError("is missing", { file, remedy: RERUN });
  const said = parseAs(PredictionsFile, readText(file), { file, remedy: RERUN });
  if (said.trials.length !== figures.n) {
    throw new InputError(
      `has ${said.trials.length} trials, but ${figures.n} were scored by results.ndjson`,
      { file, field: "trials", remedy: RERUN },
    );
  }
  return said;
}

const PredictionsFile = z
  .object({
    trials: z.array(z.string()).min(1),
    labels: z.array(z.union([z.literal(0), z.literal(1)])),
    scores: z.array(z.number()),
    areProbabilities: z.boolean(),
  })
  .refine(
    ({ trials, labels, scores }) => new Set([trials, labels, scores].map(length)).size === 1,
    {
      path: ["scores"],
      message: "are not as many as trials and labels",
    },
  )
  .refine(({ scores, areProbabilities }) => !areProbabilities || scores.every(isShare), {
    path: ["scores"],
    message: "are said to be probabilities, but one is outside 0 to 1",
  }) satisfies z.ZodType<Predictions>;

const length = (values: readonly unknown[]) => values.length;
const isShare = (value: number) => value >= 0 && value <= 1;
