import { z } from "zod";
import { checkAs } from "../base/json.js";
import { nctIdOf } from "./nct-id.js";
import { PHASES, type Trial, type TrialRecord } from "./record.js";

/** Characters of eligibility criteria at most: the longest of the registry have about 30,000. */
export const MOST_CRITERIA = 100_000;
const LONGEST_TITLE = 300;
const line = z.string().trim().min(1).max(500);

/** A trial as its planners write it down: the fields of {@link Trial} that they know. */
export const Draft = z
  .strictObject({
    title: z
      .string()
      .trim()
      .max(LONGEST_TITLE)
      .optional()
      .describe("For the reader; the model never sees it"),
    nctId: z.string().trim().max(40).overwrite(nctIdOf).optional().describe("If it is registered"),
    phase: z.enum(PHASES),
    conditions: z.array(line).max(200).default([]),
    interventions: z
      .array(
        z.strictObject({
          type: line.default("DRUG").describe("As ClinicalTrials.gov spells it"),
          name: line,
          otherNames: z.array(line).max(200).default([]),
        }),
      )
      .max(200)
      .default([]),
    eligibilityCriteria: z.string().trim().min(1).max(MOST_CRITERIA),
  })
  .meta({ id: "Draft" });
/** A draft as it is written (what has a default may be left out). */
export type DraftInput = z.input<typeof Draft>;
export type Draft = z.output<typeof Draft>;

/** The trial of a checked draft. One that is not registered has an empty id. */
export const trialOf = ({ title: _, nctId = "", ...fields }: Draft): Trial => ({
  ...fields,
  nctId,
  icd10: [],
  givenSmiles: [],
});

/**
 * What of a trial can be edited.
 * @throws InputError if it is beyond what a draft may be, such as criteria of more than {@link MOST_CRITERIA}
 */
export const draftOf = ({ trial, title, source }: TrialRecord): Draft =>
  parseDraft(
    {
      ...(title !== undefined && { title: title.slice(0, LONGEST_TITLE) }),
      nctId: trial.nctId,
      phase: trial.phase,
      conditions: trial.conditions.filter(isNotBlank),
      interventions: trial.interventions.map(({ type, name, otherNames }) => ({
        ...{ type, name },
        otherNames: otherNames.filter(isNotBlank),
      })),
      eligibilityCriteria: trial.eligibilityCriteria,
    },
    source,
  );

const isNotBlank = (text: string): boolean => text.trim() !== "";

/** @throws InputError naming the first field that does not fit */
export const parseDraft = (value: unknown, source: TrialRecord["source"]): Draft =>
  checkAs(Draft, value, { ...source, remedy: "Give a draft as the API's document describes it" });
