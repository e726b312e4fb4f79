import { basename } from "node:path";
import { InputError } from "../base/error.js";
import { Interrupted, type Watcher } from "../base/watcher.js";
import {
  NoCriteria,
  reportInvalid,
  type StreamedTrial,
  streamTrials,
  type TrialRecord,
} from "../trial/index.js";

/** Where records come from. */
export interface SctSources {
  /** Files of trials that count as successful: all, or those labelled 1 where they have labels. */
  readonly trials: readonly string[];
  /** Files of records that count as successful where a drug of theirs is approved. */
  readonly studies: readonly string[];
  /** URL of an AACT database, whose records count as the studies do. */
  readonly aact?: string | undefined;
  /** Whether bad rows are listed in the output's folder instead of stopping the work. */
  readonly skipInvalid: boolean;
}

export interface Candidate {
  readonly record: TrialRecord | NoCriteria;
  readonly knownSuccess: boolean;
}

/** Records between two reports of progress. */
const REPORT = 200;

/**
 * The records of all sources, one after the other, also those that the registry has without criteria.
 * @param folder where bad rows are listed
 * @param invalid bad rows of other files, which are listed before those of the sources
 * @throws InputError for the first bad row unless `skipInvalid`, or if a source cannot be read;
 *   Interrupted if the watcher stops it
 */
export async function* candidates(
  sources: SctSources,
  folder: string,
  watcher: Watcher,
  invalid: readonly InputError[] = [],
): AsyncGenerator<Candidate> {
  const bad = [...invalid];
  for (const { name, knownSuccess, records } of await open(sources)) {
    const stage = `Reading ${name}`;
    watcher.report({ stage, done: 0, total: 100 });
    let read = 0;
    for await (const { entry, share } of records) {
      if (watcher.stopping()) throw Interrupted.withNothing();
      if (++read % REPORT === 0)
        watcher.report({
          stage,
          done: Math.floor(100 * share),
          total: 100,
          detail: `${read} records`,
        });
      if (!(entry instanceof InputError) || entry instanceof NoCriteria)
        yield { record: entry, knownSuccess };
      else if (sources.skipInvalid) bad.push(entry);
      else throw skippable(entry);
    }
  }
  reportInvalid(folder, bad, watcher);
}

const skippable = ({ problem, location }: InputError): InputError =>
  new InputError(problem, {
    ...location,
    remedy: `${location.remedy}, or go on without bad rows: --skip-invalid`,
  });

interface Source {
  readonly name: string;
  readonly knownSuccess: boolean;
  readonly records: AsyncIterable<StreamedTrial>;
}

async function open({ trials, studies, aact }: SctSources): Promise<Source[]> {
  const ofFile = (knownSuccess: boolean) => (file: string) => ({
    name: basename(file),
    knownSuccess,
    records: streamTrials(file),
  });
  const sources = [...trials.map(ofFile(true)), ...studies.map(ofFile(false))];
  if (aact === undefined) return sources;
  const { readAact } = await import("./aact.js"); // its database client is needed here alone
  return [...sources, { name: "AACT", knownSuccess: false, records: readAact(aact) }];
}
