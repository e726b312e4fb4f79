import { z } from "zod";
import { InputError, messageOf } from "../base/error.js";
import { Random } from "../base/random.js";
import { Interrupted, type Watcher } from "../base/watcher.js";

/** How fast, and how stubbornly, pages are asked for; times in milliseconds. */
export interface Pace {
  /** Rest after each page. */
  readonly rest: number;
  /** Wait after the first failure, doubled after each further one up to `longestWait`. */
  readonly firstWait: number;
  readonly longestWait: number;
  /** Tries of one page. */
  readonly tries: number;
  /** The longest that one answer may take. */
  readonly patience: number;
}

/** The API lets an address ask some 50 times a minute; this asks 40 times at most. */
export const POLITE: Pace = {
  rest: 1500,
  firstWait: 1000,
  longestWait: 60_000,
  tries: 8,
  patience: 120_000,
};

export interface PageRequest {
  readonly url: string;
  readonly query: string;
  /** Null for the first page. */
  readonly token: string | null;
}

export interface Page {
  /** NCT ids, and the studies as they are written. */
  readonly studies: readonly { readonly id: string; readonly json: string }[];
  /** Undefined on the last page. */
  readonly nextToken: string | undefined;
  /** How many studies match; on the first page only. */
  readonly total: number | undefined;
}

/** What is asked for of a study: what our readers read, and what tells of its outcome. */
const FIELDS = [
  ...["NCTId", "BriefTitle", "LeadSponsorName", "LeadSponsorClass"],
  ...["OverallStatus", "WhyStopped", "StartDate", "CompletionDate"],
  ...["StudyType", "Phase", "EligibilityCriteria", "Condition"],
  ...["ArmGroupType", "ArmGroupLabel"],
  ...["InterventionType", "InterventionName", "InterventionOtherName"],
  ...["ConditionMeshTerm", "ConditionAncestorTerm", "InterventionMeshTerm"],
];

const PAGE_SIZE = 1000;

export const RESTART =
  "Remove the .part and .state.json files beside --out, and start again without --resume";

/** What a study must have to be written; all else is kept as it is. */
export const Study = z.looseObject({
  protocolSection: z.looseObject({
    identificationModule: z.looseObject({ nctId: z.string().min(1) }),
  }),
});

const Answer = z.object({
  studies: z.array(Study),
  nextPageToken: z.string().min(1).optional(),
  totalCount: z.number().optional(),
});

/** Why a try gave no page although the next may, and how long the server asks to wait. */
interface Failure {
  readonly problem: string;
  readonly wait?: number | undefined;
}

/**
 * One page of studies from the ClinicalTrials.gov API, version 2 (clinicaltrials.gov/data-api/api).
 * Lost connections, answers that are no whole page, 408, 429 and 5xx are tried again: after the time
 * that Retry-After names, else after a wait that doubles and is shortened by up to half at random, so
 * that many clients do not come back at once.
 * @param kept where the pages before this one are, for messages
 * @throws InputError if the server refuses, or when the tries are used up; Interrupted
 */
export async function fetchPage(
  request: PageRequest,
  pace: Pace,
  watcher: Watcher,
  kept: string,
): Promise<Page> {
  const jitter = new Random("jitter", process.pid, Date.now());
  for (let failures = 1; ; failures++) {
    const result = await tryPage(request, pace, watcher);
    if (!("problem" in result)) return result;
    if (watcher.stopping()) throw new Interrupted(kept);
    if (failures === pace.tries)
      throw new InputError(`${result.problem}, ${failures} times in a row`, {
        file: request.url,
        remedy: `Check the network and the address, and go on with --resume: all pages so far are in ${kept}`,
      });
    const doubled = Math.min(pace.longestWait, pace.firstWait * 2 ** (failures - 1));
    const wait = result.wait ?? doubled * (1 - jitter.uniform() / 2);
    watcher.say(`${result.problem}; trying again in ${Math.ceil(wait / 1000)} s`);
    await sleep(wait, watcher, kept);
  }
}

/** Waits, unless the watcher stops it. @throws Interrupted */
export async function sleep(time: number, watcher: Watcher, kept: string): Promise<void> {
  for (const end = performance.now() + time; ; ) {
    if (watcher.stopping()) throw new Interrupted(kept);
    const left = end - performance.now();
    if (left <= 0) return;
    await new Promise((resolve) => setTimeout(resolve, Math.min(100, left)));
  }
}

async function tryPage(
  request: PageRequest,
  pace: Pace,
  watcher: Watcher,
): Promise<Page | Failure> {
  let answer: { response: Response; text: string };
  try {
    answer = await ask(addressOf(request), pace, watcher);
  } catch (error) {
    if (error instanceof InputError) throw error;
    return { problem: `the connection failed (${causeOf(error)})` };
  }
  const { response, text } = answer;
  const { status } = response;
  if (status === 408 || status === 429 || status >= 500) {
    const wait = retryAfter(response.headers.get("retry-after"));
    return { problem: `the server answered ${status}`, wait };
  }
  if (!response.ok) throw refused(request, status, text);
  return readPage(text) ?? { problem: "the answer is not a whole page of studies" };
}

function addressOf({ url, query, token }: PageRequest): URL {
  if (!/^https?:/.test(url) || !URL.canParse(url))
    throw new InputError("is not a web address", {
      file: url,
      field: "--url",
      remedy: "Write https://clinicaltrials.gov/api/v2/studies",
    });
  const address = new URL(url);
  const parameters = {
    format: "json",
    "filter.advanced": query,
    fields: FIELDS.join(","),
    pageSize: String(PAGE_SIZE),
    ...(token === null ? { countTotal: "true" } : { pageToken: token }),
  };
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
  return address;
}

async function ask(address: URL, { patience }: Pace, watcher: Watcher) {
  const stop = new AbortController();
  const end = performance.now() + patience;
  const timer = setInterval(() => {
    if (watcher.stopping()) stop.abort(new Error("stopped"));
    if (performance.now() > end) stop.abort(new Error("no whole answer in time"));
  }, 100);
  try {
    const response = await fetch(address, {
      headers: { accept: "application/json", "user-agent": "cladmop" },
      signal: stop.signal,
    });
    return { response, text: await response.text() };
  } finally {
    clearInterval(timer);
  }
}

function refused({ url, token }: PageRequest, status: number, text: string): InputError {
  const said = text.replace(/\s+/g, " ").slice(0, 200).trim();
  const problem = `the server answered ${status}${said === "" ? "" : ` (${said})`}`;
  return status === 400 && token !== null
    ? new InputError(`the next page of this download is no longer known: ${problem}`, {
        file: url,
        remedy: `Page tokens expire. ${RESTART}`,
      })
    : new InputError(problem, { file: url, remedy: "Correct --query or --url" });
}

function readPage(text: string): Page | undefined {
  const page = Answer.safeParse(parseJson(text));
  if (!page.success) return undefined;
  return {
    studies: page.data.studies.map((study) => ({
      id: study.protocolSection.identificationModule.nctId,
      json: JSON.stringify(study),
    })),
    nextToken: page.data.nextPageToken,
    total: page.data.totalCount,
  };
}

/** The value of JSON, undefined if it is malformed. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Milliseconds of a Retry-After header: seconds or a date (RFC 9110, section 10.2.3). */
function retryAfter(header: string | null): number | undefined {
  if (header === null || header.trim() === "") return undefined;
  const time = /^\d+$/.test(header) ? 1000 * Number(header) : Date.parse(header) - Date.now();
  return Number.isNaN(time) ? undefined : Math.max(0, time);
}

/** What lies behind "fetch failed". */
function causeOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: unknown } };
  return typeof cause?.code === "string" ? cause.code : messageOf(cause ?? error);
}
