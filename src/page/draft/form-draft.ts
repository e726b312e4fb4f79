import type { Draft, DraftInput } from "../../trial/draft.js";
import type { Phase } from "../../trial/record.js";
import type { FieldProblem } from "../problem.js";
import { visible } from "../words.js";

/** An intervention as the form has it. */
export interface FormIntervention {
  readonly type: string;
  readonly name: string;
  readonly otherNames: readonly string[];
}

/** A draft as the form has it: nothing is missing, but it may be empty. */
export interface FormDraft {
  readonly title: string;
  readonly nctId: string;
  readonly phase: Phase;
  readonly conditions: readonly string[];
  readonly interventions: readonly FormIntervention[];
  readonly eligibilityCriteria: string;
}

export const EMPTY: FormDraft = {
  title: "",
  nctId: "",
  phase: "1",
  conditions: [],
  interventions: [],
  eligibilityCriteria: "",
};

export const formOf = (draft: Draft): FormDraft => ({
  ...draft,
  title: draft.title ?? "",
  nctId: draft.nctId ?? "",
});

/** What is asked: fields left empty are left out. */
export const inputOf = ({ title, nctId, ...fields }: FormDraft): DraftInput => ({
  ...(title.trim() !== "" && { title }),
  ...(nctId.trim() !== "" && { nctId }),
  phase: fields.phase,
  conditions: [...fields.conditions],
  interventions: fields.interventions.map((one) => ({ ...one, otherNames: [...one.otherNames] })),
  eligibilityCriteria: fields.eligibilityCriteria,
});

/** What the model is asked about: two drafts with the same have the same answer. */
export const askedOf = ({ title: _, ...fields }: FormDraft): string =>
  JSON.stringify({ ...fields, eligibilityCriteria: fields.eligibilityCriteria.trim() });

export const isBlank = (draft: FormDraft): boolean => draft.eligibilityCriteria.trim() === "";

/** What a draft is called. */
export const nameOf = ({ title, nctId, conditions, interventions }: FormDraft): string =>
  visible(
    title.trim() ||
      nctId.trim() ||
      [interventions.map(({ name }) => name).join(" + "), conditions.join(", ")]
        .filter((part) => part !== "")
        .join(" in ") ||
      "Untitled draft",
  );

/** The problems that an answer names of a field and of what is in it, e.g. "conditions" has "/trial/conditions/2". */
export const problemsOf = (
  fields: readonly FieldProblem[],
  field: keyof FormDraft,
): FieldProblem[] => fields.filter((problem) => fieldOf(problem) === field);

/** The field of the form that a problem is of; undefined if it is of none. */
export function fieldOf({ field }: FieldProblem): keyof FormDraft | undefined {
  const name = partsOf(field)[0] ?? "";
  return name in EMPTY ? (name as keyof FormDraft) : undefined;
}

/** The place in a list that a problem is of; undefined if it is of the list itself. */
export function placeOf({ field }: FieldProblem): number | undefined {
  const place = Number(partsOf(field)[1] ?? Number.NaN);
  return Number.isInteger(place) ? place : undefined;
}

/** Problems of no field of the form. */
export const otherProblems = (fields: readonly FieldProblem[]): FieldProblem[] =>
  fields.filter((problem) => fieldOf(problem) === undefined);

const partsOf = (pointer: string): string[] =>
  pointer
    .replace(/^#/, "")
    .replace(/^\/trial(?=\/|$)/, "")
    .split("/")
    .slice(1);
