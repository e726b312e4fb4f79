import { appendFileSync, existsSync, renameSync, rmSync, statSync, truncateSync } from "node:fs";
import { dirname } from "node:path";
import { gzipSync } from "node:zlib";
import { z } from "zod";
import { InputError } from "../base/error.js";
import { makeFolder, readText, unwritable, writeWhole } from "../base/file.js";
import { tryParseJson } from "../base/json.js";
import { readLines } from "../base/lines.js";
import { pause } from "../base/retry.js";
import { Interrupted, type Watcher } from "../base/watcher.js";
import { fetchPage, type Pace, POLITE, RESTART, Study } from "./page.js";

export interface FetchOptions {
  /** NDJSON to write, compressed if its name ends in .gz. */
  readonly out: string;
  /** Which studies, as the API's `filter.advanced` takes it. */
  readonly query: string;
  readonly url: string;
  readonly resume: boolean;
  readonly pace?: Pace;
}

export interface FetchResult {
  readonly file: string;
  readonly studies: number;
  /** How many the registry counted when the download began. */
  readonly total: number;
}

/** What is known of an unfinished download. */
const State = z.object({
  url: z.string(),
  query: z.string(),
  /** Of the next page; null for the first. */
  token: z.string().nullable(),
  /** Of FILE.part: they hold whole pages. */
  bytes: z.number(),
  total: z.number(),
});
type State = z.infer<typeof State>;

/**
 * Downloads the studies that match a query from the ClinicalTrials.gov API, version 2, page by page,
 * into one file. Each page is appended to FILE.part and synced, then FILE.state.json points past it:
 * a kill loses the page at work, and no study is written twice. The finished file takes its name.
 * Before the first page there is neither.
 * @throws InputError if the server refuses or stays silent, or nothing matches; Interrupted if the
 *   watcher stops it. Either keeps all whole pages.
 */
export async function fetchStudies(options: FetchOptions, watcher: Watcher): Promise<FetchResult> {
  const { out, query, url, pace = POLITE } = options;
  const part = `${out}.part`;
  const stateFile = `${out}.state.json`;
  let state = begin(options, part, stateFile);
  const seen = await idsOf(part);
  const check = () => {
    if (!watcher.stopping()) return;
    throw state.bytes > 0 ? new Interrupted(part) : Interrupted.withNothing();
  };
  watcher.report({ stage: "Fetching studies", done: seen.size, total: Math.max(1, state.total) });
  for (;;) {
    const kept = state.bytes > 0 ? part : undefined;
    const page = await fetchPage({ url, query, token: state.token }, pace, watcher, kept, check);
    const fresh = page.studies.filter(({ id }) => !seen.has(id) && seen.add(id));
    const next = page.nextToken ?? null;
    const last = next === null;
    if (fresh.length === 0 && !last)
      throw new InputError("the server repeats itself: a page brought no new study", {
        file: url,
        remedy: RESTART,
      });
    if (seen.size === 0)
      throw new InputError("no study matches", {
        field: "--query",
        remedy: "Widen it; clinicaltrials.gov/data-api/api explains the expressions",
      });
    const text = fresh.map(({ json }) => `${json}\n`).join("");
    const bytes = appendDurably(part, out.endsWith(".gz") ? gzipSync(text) : Buffer.from(text));
    state = { ...state, token: next, bytes, total: page.total ?? state.total };
    watcher.report({ stage: "Fetching studies", done: seen.size, total: state.total });
    if (last) break;
    writeWhole(stateFile, `${JSON.stringify(state)}\n`);
    await pause(pace.rest, check);
  }
  renameSync(part, out);
  rmSync(stateFile, { force: true });
  if (seen.size !== state.total)
    watcher.say(`The registry counted ${state.total} studies and gave ${seen.size}.`);
  return { file: out, studies: seen.size, total: state.total };
}

/** The state to go on from, with FILE.part cut to its whole pages. */
function begin({ out, query, url, resume }: FetchOptions, part: string, stateFile: string): State {
  if (existsSync(out))
    throw new InputError("is there already", {
      file: out,
      remedy: "Name another file with --out, or remove this one",
    });
  if (!existsSync(stateFile)) {
    if (resume)
      throw new InputError("there is no unfinished download to go on with", {
        file: out,
        remedy: "Correct --out, or start without --resume",
      });
    rmSync(part, { force: true }); // of a kill before the first page was whole
    return { url, query, token: null, bytes: 0, total: 0 };
  }
  if (!resume)
    throw new InputError("belongs to an unfinished download", {
      file: part,
      remedy: "Add --resume to go on with it, or choose another --out",
    });
  const state = readState(stateFile);
  for (const field of ["query", "url"] as const)
    if (state[field] !== { query, url }[field])
      throw new InputError(`the unfinished download has another one: ${state[field]}`, {
        file: stateFile,
        field: `--${field}`,
        remedy: "Resume with the same, or choose another --out",
      });
  if (!existsSync(part) || statSync(part).size < state.bytes)
    throw new InputError("lacks a part of what was downloaded", { file: part, remedy: RESTART });
  truncateSync(part, state.bytes);
  return state;
}

function readState(file: string): State {
  const parsed = State.safeParse(tryParseJson(readText(file)));
  if (parsed.success) return parsed.data;
  throw new InputError("is not the state of a download", { file, remedy: RESTART });
}

/** NCT ids of the studies in FILE.part. */
async function idsOf(part: string): Promise<Set<string>> {
  const ids = new Set<string>();
  if (!existsSync(part)) return ids;
  let row = 0;
  for await (const { text } of readLines(part)) {
    row++;
    const study = Study.safeParse(tryParseJson(text));
    if (!study.success)
      throw new InputError("was altered: this is no study", { file: part, row, remedy: RESTART });
    ids.add(study.data.protocolSection.identificationModule.nctId);
  }
  return ids;
}

/** Appends and syncs. @returns the file's size then */
function appendDurably(file: string, bytes: Uint8Array): number {
  try {
    makeFolder(dirname(file));
    appendFileSync(file, bytes, { flush: true });
    return statSync(file).size;
  } catch (error) {
    throw unwritable(file, error);
  }
}
