import { z } from "zod";
import { InputError } from "../base/error.js";
import { inBrief, LONGEST_RETRY_AFTER, request } from "../base/http.js";
import { tryParseJson } from "../base/json.js";
import { retry, Transient } from "../base/retry.js";
import type { Watcher } from "../base/watcher.js";

/** How fast, and how stubbornly, pages are asked for; times in milliseconds. */
export interface Pace {
  /** Rest after each page. */
  readonly rest: number;
  /** Wait after the first failure, doubled after each further one. */
  readonly firstWait: number;
  /** Tries of one page. */
  readonly tries: number;
  /** The longest that one answer may take. */
  readonly patience: number;
}

/** The API lets an address ask some 50 times a minute; this asks 40 times at most. */
export const POLITE: Pace = {
  rest: 1500,
  firstWait: 1000,
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

/**
 * One page of studies from the ClinicalTrials.gov API, version 2 (clinicaltrials.gov/data-api/api).
 * What may pass is tried again ({@link retry}): lost connections, answers that are no whole page, 408,
 * 429 and 5xx.
 * @param kept where the pages before this one are, for messages; undefined if there are none
 * @param check called while waiting; what it throws ends the waiting
 * @throws InputError if the server refuses, cannot exist, or when the tries are used up; what `check`
 *   throws
 */
export async function fetchPage(
  asked: PageRequest,
  { firstWait, tries, patience }: Pace,
  watcher: Watcher,
  kept: string | undefined,
  check: () => void,
): Promise<Page> {
  const address = addressOf(asked).href;
  const init: RequestInit = {
    headers: { accept: "application/json", "user-agent": "cladmop" },
    redirect: "follow",
  };
  try {
    return await retry(
      async () => {
        const { status, body } = await request(address, init, patience, check);
        if (status !== 200) throw refused(asked, status, body);
        return readPage(body);
      },
      {
        ...{ attempts: tries, firstWait, longestWait: LONGEST_RETRY_AFTER, check },
        onWait: ({ message }, wait) =>
          watcher.say(`${inBrief(message)}; trying again in ${Math.ceil(wait / 1000)} s`),
      },
    );
  } catch (error) {
    if (!(error instanceof Transient)) throw error;
    throw new InputError(`${inBrief(error.message)}, ${tries} times in a row`, {
      file: asked.url,
      remedy: `Check the network and the address, and ${kept === undefined ? "start again" : `go on with --resume: all pages so far are in ${kept}`}`,
    });
  }
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

function refused({ url, token }: PageRequest, status: number, text: string): InputError {
  const said = inBrief(text);
  const problem = `the server answered ${status}${said === "" ? "" : ` (${said})`}`;
  return status === 400 && token !== null
    ? new InputError(`the next page of this download is no longer known: ${problem}`, {
        file: url,
        remedy: `Page tokens expire. ${RESTART}`,
      })
    : new InputError(problem, { file: url, remedy: "Correct --query or --url" });
}

/** @throws Transient if the text is no whole page */
function readPage(text: string): Page {
  const page = Answer.safeParse(tryParseJson(text));
  if (!page.success) throw new Transient("the answer is not a whole page of studies");
  return {
    studies: page.data.studies.map((study) => ({
      id: study.protocolSection.identificationModule.nctId,
      json: JSON.stringify(study),
    })),
    nextToken: page.data.nextPageToken,
    total: page.data.totalCount,
  };
}
