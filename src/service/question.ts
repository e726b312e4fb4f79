import { z } from "zod";
import { InputError } from "../base/error.js";
import { Draft, parseStudy } from "../trial/index.js";
import type { Context } from "./context.js";
import { bodyProblem, inputProblem, Problem } from "./problem.js";

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
  .meta({ id: "Question" });
export type Question = z.infer<typeof Question>;

/** A study alone, to be made a draft. */
export const StudyBody = z.strictObject({ study: Study }).meta({ id: "Study" });

const Titled = z.object({
  protocolSection: z.object({ identificationModule: z.object({ briefTitle: z.string() }) }),
});

/**
 * A study of the registry as a draft.
 * @param under pointer to it
 * @throws Problem naming the field that keeps it from being one
 */
export function draftOfStudy(study: unknown, under: string): Draft {
  try {
    const { trial } = parseStudy(study, { file: "", row: 0 });
    const { nctId, phase, conditions, interventions, eligibilityCriteria } = trial;
    const titled = Titled.safeParse(study);
    const title = titled.data?.protocolSection.identificationModule.briefTitle.slice(0, 300);
    const draft = Draft.safeParse({
      ...(title && { title }),
      ...{ nctId, phase, conditions, interventions, eligibilityCriteria },
    });
    if (draft.success) return draft.data;
    throw bodyProblem(draft.error.issues, under);
  } catch (error) {
    throw error instanceof InputError ? inputProblem(error, under) : error;
  }
}

/** The draft that a question means. @throws Problem if there is none */
export async function draftOf(
  question: Question,
  { lookup }: Pick<Context, "lookup">,
  signal: AbortSignal,
): Promise<Draft> {
  if ("trial" in question) return question.trial;
  if ("study" in question) return draftOfStudy(question.study, "/study");
  return (await lookedUp(question.nctId, lookup, signal)).draft;
}

/** @throws Problem if there is no such trial */
export async function lookedUp(nctId: string, lookup: Context["lookup"], signal: AbortSignal) {
  const found = await lookup.find(nctId, signal);
  if (found !== undefined) return found;
  const where = lookup.online ? "" : " in this server's files, and it does not ask the registry";
  throw new Problem("not-found", `There is no trial ${nctId}${where}`);
}
