import { splitEligibility } from "./eligibility.js";
import type { Trial } from "./record.js";

/**
 * "Healthy" said of participants: not "otherwise healthy", which is said of patients, nor of donors,
 * nor the registry's own line "Accepts Healthy Volunteers: No".
 */
const HEALTHY =
  /(?<!\b(?:otherwise|generally|relatively|not|judged) (?:\w+ )?)\bhealthy\b(?! (?:\w+ )?(?:enough|donors?|volunteers: no))/i;

/**
 * Whether a trial takes healthy volunteers, by its own words: a condition ("Healthy Volunteers") or a
 * statement of inclusion ("Healthy as determined by a physician") calls participants healthy. TOP has no
 * field for it, and many trials in healthy volunteers are registered under the disease that the drug is
 * for. "In good health" is not enough: trials of chronic hepatitis and insomnia ask for it too.
 *
 * Of 1,295 trials of phases I and I/II, most of them registered before 2008, the registry marks 116 as
 * accepting healthy volunteers. This names 42 trials, 36 of them marked: it seldom errs, but misses those
 * whose criteria do not say so, such as HIV vaccine trials ("normal history and physical exam").
 */
export function takesHealthyVolunteers(trial: Trial): boolean {
  const { inclusion } = splitEligibility(trial.eligibilityCriteria);
  return [...trial.conditions, ...inclusion].some((statement) => HEALTHY.test(statement));
}
