import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InputError } from "../base/error.js";
import { type HttpAnswer, inBrief, request } from "../base/http.js";
import { parseJson } from "../base/json.js";
import { Transient } from "../base/retry.js";
import type { Watcher } from "../base/watcher.js";
import { draftOf } from "../trial/draft.js";
import { NoCriteria, nctIdOf, parseStudy, watchTrials } from "../trial/index.js";
import type { FoundTrial } from "./answer.js";
import type { Past } from "./past.js";
import { RecordWriter } from "./record-writer.js";
import { type PastTrial, pastTrial, Records } from "./trial-records.js";

/** Where trials are looked up by their number. */
export interface Lookup {
  /** Whether the registry is asked for what is not here. */
  readonly online: boolean;
  /**
   * A trial of the study files, of the index of past trials, or of the registry, in this order.
   * @param signal ends the asking
   * @returns undefined if there is no such trial
   * @throws InputError if the study has no criteria or cannot be read, Unreachable if there is no way to the
   *   registry, Transient if it does not answer in time or has a failure of its own
   */
  find(nctId: string, signal?: AbortSignal): Promise<FoundTrial | undefined>;
  close(): void;
}

export interface LookupOptions {
  /** Study files, of any format that trials are read from. */
  readonly studies?: readonly string[];
  readonly past?: Past | undefined;
  readonly online: boolean;
  /** Address of the registry's API. */
  readonly registry?: string;
  /** Milliseconds that the registry may take. */
  readonly timeout?: number;
}

const REGISTRY = "https://clinicaltrials.gov/api/v2";
const TIMEOUT = 10_000;

/** What is asked for of a study: what `parseStudy` reads. */
const FIELDS = [
  ...["NCTId", "BriefTitle", "OverallStatus", "WhyStopped", "StartDate", "CompletionDate"],
  ...["Phase", "EligibilityCriteria", "Condition"],
  ...["InterventionType", "InterventionName", "InterventionOtherName"],
];

/**
 * Reads the study files through and remembers where each study is. Their texts go, compressed, into a temporary
 * file: a gzip file cannot be read from its middle. Bad rows are told of and are not found.
 * @throws InputError if a file cannot be read, Interrupted if the watcher stops it
 */
export async function openLookup(
  { studies = [], past, online, registry = REGISTRY, timeout = TIMEOUT }: LookupOptions,
  watcher: Watcher,
): Promise<Lookup> {
  const local = studies.length > 0 ? await readStudies(studies, watcher) : undefined;
  return {
    online,
    async find(given, signal) {
      const nctId = nctIdOf(given);
      const kept = (await local?.find(nctId)) ?? (await past?.get(nctId));
      if (kept) return found(kept, "local");
      if (!online || !/^NCT\d{8}$/.test(nctId)) return undefined;
      const study = await fetchStudy(nctId, { registry, timeout }, signal);
      return study && found(study, "online");
    },
    close: () => local?.close(),
  };
}

function found({ trial, title, outcome }: PastTrial, source: FoundTrial["source"]): FoundTrial {
  const record = { trial, outcome: {}, source: { file: trial.nctId, row: 1 } };
  return { draft: draftOf({ ...record, ...(title !== null && { title }) }), outcome, source };
}

async function readStudies(files: readonly string[], watcher: Watcher) {
  const folder = mkdtempSync(join(tmpdir(), "cladmop-studies-"));
  const path = join(folder, "trials.bin");
  try {
    const writer = new RecordWriter(path);
    const rows = new Map<string, number>();
    /** Studies that the registry has without criteria. */
    const bare = new Map<string, NoCriteria>();
    let invalid = 0;
    for await (const entry of watchTrials(files, watcher)) {
      if (entry instanceof NoCriteria) bare.set(entry.nctId, entry);
      else if (entry instanceof InputError) invalid++;
      else if (!rows.has(entry.trial.nctId)) {
        rows.set(entry.trial.nctId, writer.lengths.length);
        writer.add(pastTrial(entry));
      }
    }
    writer.close();
    if (invalid > 0)
      watcher.say(`Warning: ${invalid} bad rows of the study files cannot be looked up`);
    const records = new Records(path, writer.lengths);
    return {
      async find(nctId: string): Promise<PastTrial | undefined> {
        const row = rows.get(nctId);
        if (row !== undefined) return records.at(row);
        const without = bare.get(nctId);
        if (without) throw without;
        return undefined;
      },
      close: () => records.close(),
    };
  } finally {
    // Where the system allows it, the file lives on until it is closed, and no kill leaves it behind.
    rmSync(folder, { recursive: true });
  }
}

async function fetchStudy(
  nctId: string,
  { registry, timeout }: { readonly registry: string; readonly timeout: number },
  signal: AbortSignal | undefined,
): Promise<PastTrial | undefined> {
  const url = `${registry}/studies/${nctId}`;
  const { status, body } = await ask(`${url}?fields=${FIELDS.join("%2C")}`, timeout, signal);
  if (status === 404) return undefined;
  const place = { file: url, remedy: "Try again later" };
  if (status !== 200)
    throw new InputError(`the registry answers with status ${status}: ${inBrief(body)}`, place);
  return pastTrial(parseStudy(parseJson(body, place), { file: url, row: 1 }));
}

async function ask(
  url: string,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<HttpAnswer> {
  const headers = { accept: "application/json", "user-agent": "cladmop" };
  const check = () => signal?.throwIfAborted();
  try {
    return await request(url, { headers, redirect: "follow" }, timeout, check);
  } catch (error) {
    if (!(error instanceof Transient)) throw error;
    throw new Transient(`${new URL(url).host}: ${inBrief(error.message)}`, error.retryAfter);
  }
}
