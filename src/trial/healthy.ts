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
 * Of the phase I trials of before 2008 for which the registry says whether healthy volunteers are
 * accepted, 36 of the 42 that this names are so marked. It misses those whose criteria do not say so, such
 * as most HIV vaccine trials of the 1990s ("normal history and physical exam").
 */
export function takesHealthyVolunteers(trial: Trial): boolean {
  const { inclusion } = splitEligibility(trial.eligibilityCriteria);
  return [...trial.conditions, ...inclusion].some((statement) => HEALTHY.test(statement));
}
