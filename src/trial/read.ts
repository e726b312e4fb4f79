import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../base/error.js";
import { readText } from "../base/file.js";
import { parseJson, tryParseJson } from "../base/json.js";
import { parseStudy } from "./ctgov.js";
import type { TrialRecord } from "./record.js";
import { parseTop } from "./top.js";

export interface ReadOptions {
  /** Return bad rows instead of throwing the first of them. */
  readonly skipInvalid?: boolean;
  /** Every trial must have a label and occur only once: for training and evaluation. */
  readonly requireLabel?: boolean;
}

export interface ReadResult {
  readonly records: TrialRecord[];
  /** The bad rows; empty unless `skipInvalid`. */
  readonly invalid: InputError[];
}

/**
 * Reads trials from a file, from standard input ("-") or from all .json files of a folder. The
 * content decides the format, not the name: TOP's CSV, or ClinicalTrials.gov API v2 as one study,
 * an array of studies, a page `{"studies": [...]}` or one study a line (NDJSON), gzipped or not.
 *
 * A trial that occurs twice is kept twice when predicting, so that every row gets its answer; with
 * `requireLabel` its second occurrence is a bad row, since it would count twice.
 * @throws InputError for the first bad row unless `skipInvalid`; always for an unreadable file or a
 *   CSV without the needed columns
 */
export function readTrials(
  path: string,
  { skipInvalid = false, requireLabel = false }: ReadOptions = {},
): ReadResult {
  const records: TrialRecord[] = [];
  const invalid: InputError[] = [];
  const firstSeen = new Map<string, TrialRecord["source"]>();

  for (const file of filesOf(path)) {
    for (const entry of parse(
      readText(file),
      file === "-" ? "standard input" : file,
      requireLabel,
    )) {
      const problem =
        entry instanceof InputError
          ? entry
          : requireLabel
            ? repetition(entry, firstSeen)
            : undefined;
      if (problem === undefined) records.push(entry as TrialRecord);
      else if (skipInvalid) invalid.push(problem);
      else throw problem;
    }
  }
  return { records, invalid };
}

/**
 * The files that a path stands for: itself, or all .json files of a folder.
 * @throws InputError for a folder without one
 */
export function filesOf(path: string): string[] {
  if (path === "-" || !existsSync(path) || !statSync(path).isDirectory()) return [path];
  const names = readdirSync(path).filter((name) => name.endsWith(".json"));
  if (names.length === 0) {
    throw new InputError("holds no .json file", {
      file: path,
      remedy: "Name another folder or file",
    });
  }
  return names.sort().map((name) => join(path, name));
}

function repetition(
  { trial, source }: TrialRecord,
  firstSeen: Map<string, TrialRecord["source"]>,
): InputError | undefined {
  const first = firstSeen.get(trial.nctId);
  firstSeen.set(trial.nctId, first ?? source);
  return (
    first &&
    new InputError(`repeats ${trial.nctId} of ${first.file}, row ${first.row}`, {
      ...source,
      remedy: "Remove one of the two rows",
    })
  );
}

function* parse(
  text: string,
  file: string,
  requireLabel: boolean,
): Generator<TrialRecord | InputError> {
  const start = text.replace(/^\uFEFF/, "").trimStart();
  if (start === "") {
    throw new InputError("is empty", { file, remedy: "Give a CSV or JSON file with trials" });
  }
  if (!/^[{[]/.test(start)) {
    yield* parseTop(text, file, { requireLabel });
    return;
  }
  for (const { study, row } of jsonStudies(text.replace(/^\uFEFF/, ""), file)) {
    if (study instanceof InputError) {
      yield study;
    } else if (requireLabel) {
      throw new InputError("holds studies of ClinicalTrials.gov, which carry no label", {
        file,
        remedy: "Give a CSV in TOP's format with a label column",
      });
    } else {
      yield attempt(() => parseStudy(study, { file, row }));
    }
  }
}

interface JsonStudy {
  /** Parsed JSON, or the error of JSON that is malformed. */
  readonly study: unknown;
  readonly row: number;
}

function* jsonStudies(text: string, file: string): Generator<JsonStudy> {
  if (isNdjson(text)) {
    // Rows are line numbers here, so that an editor finds them.
    for (const [index, line] of text.split("\n").entries()) {
      if (line.trim() === "") continue;
      const row = index + 1;
      yield { study: attempt(() => studyIn(line, { file, row })), row };
    }
    return;
  }
  const whole = attempt(() => studyIn(text, { file }));
  const studies = Array.isArray(whole) ? whole : isPage(whole) ? whole.studies : [whole];
  for (const [index, study] of studies.entries()) yield { study, row: index + 1 };
}

/** The trial of one line of NDJSON, or what is wrong with it. */
export function parseLine(line: string, source: TrialRecord["source"]): TrialRecord | InputError {
  return attempt(() => parseStudy(studyIn(line, source), source));
}

/**
 * Whether lines are JSON values by themselves; one line alone is read as ordinary JSON.
 * @param text the first two lines that are not blank, or more
 */
export function isNdjson(text: string): boolean {
  const [first, second] = text
    .trimStart()
    .split("\n", 50)
    .filter((line) => line.trim() !== "");
  if (first === undefined || second === undefined || !first.startsWith("{")) return false;
  return second.startsWith("{") || tryParseJson(first) !== undefined;
}

function isPage(value: unknown): value is { studies: unknown[] } {
  return (
    typeof value === "object" &&
    value !== null &&
    "studies" in value &&
    Array.isArray(value.studies)
  );
}

const studyIn = (text: string, place: { file?: string; row?: number }): unknown =>
  parseJson(text, { ...place, remedy: "Repair it or download it again" });

function attempt<T>(read: () => T): T | InputError {
  try {
    return read();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}
