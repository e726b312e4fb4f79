import { basename, join } from "node:path";
import { InputError } from "../base/error.js";
import { Interrupted, type Watcher } from "../base/watcher.js";
import { InvalidList } from "./invalid-list.js";
import type { Trial } from "./record.js";
import { streamTrials } from "./stream.js";

/** Trials of any number, of which some are in memory at a time. They are read anew by each who asks. */
export interface CheckedTrials extends AsyncIterable<Trial> {
  readonly length: number;
}

/** Trials between two reports. */
const REPORT = 1000;

/**
 * Reads files through before long work on them begins: a bad row is known at once, and so is the number of trials.
 * With `skipInvalid`, bad rows are left out and listed in `invalid.ndjson` of the folder.
 * @throws InputError for the first bad row unless `skipInvalid`, for an unreadable file and for standard input,
 *   which cannot be read twice; Interrupted if the watcher stops it
 */
export async function checkTrials(
  files: readonly string[],
  folder: string,
  { skipInvalid }: { readonly skipInvalid: boolean },
  watcher: Watcher,
): Promise<CheckedTrials> {
  if (files.includes("-"))
    throw new InputError("is read twice, which standard input cannot be", {
      file: "-",
      remedy: "Save it to a file and name that",
    });
  const invalid = new InvalidList(join(folder, "invalid.ndjson"));
  let length = 0;
  let read = 0;
  try {
    for (const file of files) {
      const stage = `Reading ${basename(file)}`;
      watcher.report({ stage, done: 0, total: 100 });
      for await (const { entry, share } of streamTrials(file)) {
        if (++read % REPORT === 0)
          watcher.report({
            ...{ stage, done: Math.floor(100 * share), total: 100 },
            detail: `${read} trials`,
          });
        if (watcher.stopping()) throw Interrupted.withNothing();
        if (!(entry instanceof InputError)) length++;
        else if (skipInvalid) invalid.add(entry);
        else throw entry;
      }
    }
  } catch (error) {
    invalid.discard();
    throw error;
  }
  const line = invalid.end();
  if (line !== undefined) watcher.say(line);
  return {
    length,
    async *[Symbol.asyncIterator]() {
      for (const file of files)
        for await (const { entry } of streamTrials(file))
          if (!(entry instanceof InputError)) yield entry.trial;
    },
  };
}
