import { join } from "node:path";
import type { InputError } from "../base/error.js";
import type { Watcher } from "../base/watcher.js";
import { writeInvalidList } from "./invalid-list.js";
import { type ReadOptions, readTrials } from "./read.js";
import type { TrialRecord } from "./record.js";

/** Says that bad rows were skipped, and lists them in `invalid.ndjson` of a folder. */
export function reportInvalid(folder: string, bad: readonly InputError[], watcher: Watcher): void {
  if (bad.length > 0) watcher.say(writeInvalidList(join(folder, "invalid.ndjson"), bad));
}

/**
 * The records of each file. With `skipInvalid`, bad rows are left out and listed in the folder.
 * @throws InputError as readTrials does
 */
export function readTrialFiles(
  files: readonly string[],
  folder: string,
  options: ReadOptions,
  watcher: Watcher,
): TrialRecord[][] {
  const results = files.map((file) => readTrials(file, options));
  reportInvalid(
    folder,
    results.flatMap(({ invalid }) => invalid),
    watcher,
  );
  return results.map(({ records }) => records);
}
