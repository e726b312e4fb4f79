import type { InputError } from "../base/error.js";
import { NoCriteria } from "./ctgov.js";

/** Why something given as a study of the registry's API is none, in a sentence for who pasted it. */
export function whyNoStudy(error: InputError): string {
  if (error instanceof NoCriteria) return `${error.nctId} has no eligibility criteria`;
  const { problem, location } = error;
  const why = problem.endsWith("received undefined") ? "is missing" : problem;
  const what = location.field === undefined ? "" : `: ${location.field}`;
  return `This is no study of ClinicalTrials.gov's API v2${what} ${why}`;
}
