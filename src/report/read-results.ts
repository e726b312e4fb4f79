import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { z } from "zod";
import { InputError } from "../base/error.js";
import { readText } from "../base/file.js";
import { parseAs, tryParseJson } from "../base/json.js";
import { RERUN } from "../benchmark/predictions.js";
import type { CellFailure, CellResult } from "../benchmark/result.js";
import { Cell, Failure, Grid } from "./result-schema.js";

/** What a benchmark has written. */
export interface Results {
  readonly folder: string;
  /** In the order written; of several lines about the same cell the last. */
  readonly cells: readonly CellResult[];
  /** Of the cells that have not succeeded since. */
  readonly failures: readonly CellFailure[];
  /** How many cells the whole grid has, if that is told. */
  readonly grid: z.infer<typeof Grid> | undefined;
  /** What a reader of the results should know of the folder, such as a line cut off by a kill. */
  readonly remarks: readonly string[];
  /** When the file of results was last written. */
  readonly written: Date;
}

/** A file of one value a line. */
interface Lines<T> {
  readonly values: readonly T[];
  /** Of lines that do not fit. */
  readonly invalid: readonly InputError[];
  /** Of a last line that a kill cut off. */
  readonly cutOff: InputError | undefined;
}

/** The lines of a benchmark's results, bad ones included. @throws InputError if there is no such file */
export function readCellLines(folder: string): Lines<CellResult> {
  const file = join(folder, "results.ndjson");
  if (!existsSync(file)) {
    throw new InputError("no results are there", {
      file,
      remedy: "Give the folder that `cladmop benchmark` wrote to",
    });
  }
  return readLines(file, Cell);
}

/**
 * Reads what a benchmark wrote to its folder. A last line that a kill cut off is left out with a
 * remark; what fails and succeeds later counts as success.
 * @throws InputError naming file, row and field of what is missing or malformed.
 */
export function readResults(folder: string): Results {
  const file = join(folder, "results.ndjson");
  const remarks: string[] = [];
  const valid = <T>({ values, invalid, cutOff }: Lines<T>): readonly T[] => {
    if (invalid[0]) throw invalid[0];
    if (cutOff) {
      const { file } = cutOff.location;
      remarks.push(`The last line of ${file} was cut off, as by a kill, and is left out.`);
    }
    return values;
  };
  const cells = new Map<string, CellResult>();
  for (const cell of valid(readCellLines(folder))) {
    const key = JSON.stringify([cellKey(cell), cell.seed]);
    const earlier = cells.get(key);
    if (earlier !== undefined && earlier.id !== cell.id) {
      remarks.push(
        `${earlier.title} on ${cell.dataset} (${cell.task}, seed ${cell.seed}) was run with two configurations: ${earlier.id} is left out, ${cell.id} counts.`,
      );
    }
    cells.set(key, cell);
  }
  if (cells.size === 0) throw new InputError("holds no result", { file, remedy: RERUN });

  const failed = join(folder, "failures.ndjson");
  const failures = new Map<string, CellFailure>();
  if (existsSync(failed)) {
    for (const failure of valid(readLines(failed, Failure))) {
      const key = JSON.stringify([cellKey(failure), failure.seed]);
      if (!cells.has(key)) failures.set(key, failure);
    }
  }
  remarks.push(...mixedVersions([...cells.values()]));
  const size = join(folder, "grid.json");
  return {
    folder,
    cells: [...cells.values()],
    failures: [...failures.values()],
    grid: existsSync(size)
      ? parseAs(Grid, readText(size), { file: size, remedy: "Run the benchmark again" })
      : undefined,
    remarks,
    written: statSync(file).mtime,
  };
}

/** Files that cells of one data set have read in different versions. */
function mixedVersions(cells: readonly CellResult[]): string[] {
  const versions = new Map<string, Set<string>>();
  for (const { dataset, data } of cells) {
    for (const [file, hash] of Object.entries(data)) {
      const place = `${file} (${dataset})`;
      versions.set(place, (versions.get(place) ?? new Set()).add(hash));
    }
  }
  return [...versions]
    .filter(([, hashes]) => hashes.size > 1)
    .map(
      ([place, { size }]) =>
        `${place} was read in ${size} versions, and rows may mix them: run the benchmark in a new folder.`,
    );
}

/** What cells have in common that differ in their seed only. */
export function cellKey({
  dataset,
  task,
  method,
  settings,
}: Pick<CellResult, "dataset" | "task" | "method" | "settings">): string {
  return JSON.stringify([dataset, task, method, settingsKey(settings)]);
}

/** The same text for the same settings, in whatever order they were written. */
export function settingsKey(settings: CellResult["settings"]): string {
  return JSON.stringify(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function readLines<T>(file: string, schema: z.ZodType<T>): Lines<T> {
  const lines = readText(file).split("\n");
  const last = lines.findLastIndex((line) => line.trim() !== "");
  const values: T[] = [];
  const invalid: InputError[] = [];
  let cutOff: InputError | undefined;
  for (const [i, line] of lines.slice(0, last + 1).entries()) {
    const place = { file, row: i + 1 };
    if (i === last && tryParseJson(line) === undefined) {
      cutOff = new InputError("was cut off, as by a kill", { ...place, remedy: RERUN });
      continue;
    }
    try {
      values.push(parseAs(schema, line, { ...place, remedy: "Remove or mend this line" }));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      invalid.push(error);
    }
  }
  return { values, invalid, cutOff };
}
