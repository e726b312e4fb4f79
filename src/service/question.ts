import { z } from "zod";
import { InputError } from "../base/error.js";
import { Unreachable } from "../base/http.js";
import type { FoundTrial } from "../serving/answer.js";
import { Draft, draftOf, parseStudy, type TrialRecord, whyNoStudy } from "../trial/index.js";
import type { Context } from "./context.js";
import { explanationTokens, MOST_EXPLAINED, MOST_TOKENS } from "./engine.js";
import { inputProblem, Problem, wrongField } from "./problem.js";
import { tokensOf } from "./reading.js";

export const NctId = z
  .string()
  .trim()
  .regex(/^NCT\d{8}$/i, "Is no number of ClinicalTrials.gov: NCT and eight digits")
  .overwrite((text) => text.toUpperCase());

const Study = z
  .record(z.string(), z.unknown())
  .describe("A study as the ClinicalTrials.gov API v2 returns it");

/** A trial that is asked about. */
export const Question = z
  .union([
    z.strictObject({ trial: Draft }),
    z.strictObject({ nctId: NctId }),
    z.strictObject({ study: Study }),
  ])
  .describe("A trial: as a draft, by its number, or as the registry's record")
  .meta({
    id: "Question",
    examples: [
      {
        trial: {
          phase: "2",
          conditions: ["Type 2 Diabetes"],
          interventions: [{ name: "Metformin" }],
          eligibilityCriteria:
            "Inclusion Criteria:\n- HbA1c of 7.0 to 10.0 %\nExclusion Criteria:\n- eGFR below 45 mL/min",
        },
      },
      { nctId: "NCT00000001" },
    ],
  });
export type Question = z.infer<typeof Question>;

/** A study alone, to be made a draft. */
export const StudyBody = z.strictObject({ study: Study }).meta({ id: "Study" });

/**
 * A study of the registry as a draft.
 * @param under pointer to it
 * @throws Problem naming the field that keeps it from being one
 */
export function draftOfStudy(study: unknown, under: string): Draft {
  let record: TrialRecord;
  try {
    record = parseStudy(study, { file: "", row: 0 });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { errors } = inputProblem(error, under).more;
    throw new Problem("invalid-request", whyNoStudy(error), { ...(errors && { errors }) });
  }
  try {
    return draftOf(record);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    // Too much of something: a field of the draft, not of the study.
    throw wrongField(under, `As a draft its ${error.location.field} ${error.problem}`);
  }
}

/** What an answer takes, of criteria, and may take. */
interface Reading {
  readonly tokensOf: (criteria: string) => number;
  readonly most: number;
}
const PREDICTING: Reading = { tokensOf, most: MOST_TOKENS };
export const EXPLAINING: Reading = { tokensOf: explanationTokens, most: MOST_EXPLAINED };

/** The draft that a question means. @throws Problem if there is none, or its answer would take longer than it may */
export async function draftFor(
  question: Question,
  { lookup }: Pick<Context, "lookup">,
  signal: AbortSignal,
  reading = PREDICTING,
): Promise<Draft> {
  if ("trial" in question) return readable(question.trial, "/trial/eligibilityCriteria", reading);
  if ("study" in question)
    return readable(draftOfStudy(question.study, "/study"), "/study", reading);
  return readable((await lookedUp(question.nctId, lookup, signal)).draft, "/nctId", reading);
}

/** @param field pointer to it */
function readable(draft: Draft, field: string, { tokensOf, most }: Reading): Draft {
  const tokens = tokensOf(draft.eligibilityCriteria);
  if (tokens <= most) return draft;
  const [own, bound] = [tokens, most].map((count) => count.toLocaleString("en"));
  throw wrongField(
    field,
    `The model would read some ${own} tokens, and ${bound} at most can be read in time. Shorten the criteria`,
  );
}

/** @throws Problem if there is no such trial, or none that can be used */
export async function lookedUp(
  nctId: string,
  lookup: Context["lookup"],
  signal: AbortSignal,
): Promise<FoundTrial> {
  let found: FoundTrial | undefined;
  try {
    found = await lookup.find(nctId, signal);
  } catch (error) {
    if (!(error instanceof InputError) || error instanceof Unreachable) throw error;
    throw new Problem("not-found", `${nctId} cannot be used: ${error.problem}`);
  }
  if (found !== undefined) return found;
  const where = lookup.online ? "" : " in this server's files, and it does not ask the registry";
  throw new Problem("not-found", `There is no trial ${nctId}${where}`);
}
