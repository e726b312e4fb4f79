import { CHAPTERS } from "../disease/index.js";
import type { Groups } from "../evaluation/index.js";
import type { TrialFeatures } from "../model/index.js";
import { type TrialRecord, takesHealthyVolunteers } from "../trial/index.js";

/** Ways to divide the scored trials. */
export type SubgroupKind =
  | "chapter"
  | "phase"
  | "year"
  | "NCT number"
  | "healthy volunteers"
  | "disease"
  | "drug";

/** A trial as its source has it and as the model reads it. */
export interface DescribedTrial {
  readonly record: TrialRecord;
  readonly features: TrialFeatures;
}

/**
 * Which of the trials belong to which groups, in alphabetical order of the groups' names.
 * - chapter: ICD-10 chapter; a trial of several counts in each of them
 * - phase: as the source labels it; TOP's files mix "1" and "1/2"
 * - year: of the start date, "unknown" where the source gives none, as TOP does
 * - NCT number: by millions, in the order of registration: time where there is no date
 * - healthy volunteers: see {@link takesHealthyVolunteers}
 * - disease: "new" if no ICD-10 category of the trial is one of a training trial's
 * - drug: "new" if no molecule of the trial is one of a training trial's; trials without a resolved
 *   molecule are apart
 */
export function groupTrials(
  trials: readonly DescribedTrial[],
  training: readonly TrialFeatures[],
): Readonly<Record<SubgroupKind, Groups>> {
  const known = {
    categories: new Set(training.flatMap(categoriesOf)),
    molecules: new Set(training.flatMap(moleculesOf)),
  };
  const by = (groupsOf: (trial: DescribedTrial) => readonly string[]): Groups => {
    const groups = new Map<string, number[]>();
    trials.forEach((trial, i) => {
      for (const name of groupsOf(trial)) {
        const members = groups.get(name) ?? [];
        members.push(i);
        groups.set(name, members);
      }
    });
    return new Map([...groups].sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  return {
    chapter: by(({ features }) => chaptersOf(features)),
    phase: by(({ features }) => [features.phase]),
    year: by(({ record }) => [yearOf(record)]),
    "NCT number": by(({ record }) => [bandOf(record)]),
    "healthy volunteers": by(({ record }) => [
      takesHealthyVolunteers(record.trial) ? "healthy volunteers" : "patients only",
    ]),
    disease: by(({ features }) => [
      novelty(categoriesOf(features), known.categories, "no ICD-10 category"),
    ]),
    drug: by(({ features }) => [novelty(moleculesOf(features), known.molecules, "no molecule")]),
  };
}

const titles = new Map(
  CHAPTERS.map(({ range, title }) => [`chapter:${range}`, `${range} ${title}`]),
);

function chaptersOf({ diseases }: TrialFeatures): string[] {
  const chapters = diseases.flatMap((token) => titles.get(token) ?? []);
  return chapters.length > 0 ? chapters : ["no ICD-10 chapter"];
}

const categoriesOf = ({ diseases }: TrialFeatures): string[] =>
  diseases.filter((token) => token.startsWith("category:"));

const moleculesOf = ({ molecules }: TrialFeatures): string[] =>
  molecules.map(({ smiles }) => smiles);

const yearOf = ({ outcome }: TrialRecord): string =>
  /^\d{4}/.exec(outcome.startDate ?? "")?.[0] ?? "unknown";

/** "NCT01…" for NCT01000000 to NCT01999999. */
const bandOf = ({ trial }: TrialRecord): string =>
  /^NCT\d\d(?=\d{6}$)/.exec(trial.nctId)?.[0].concat("…") ?? "no NCT number";

function novelty(own: readonly string[], known: ReadonlySet<string>, none: string): string {
  if (own.length === 0) return none;
  return own.some((one) => known.has(one)) ? "known" : "new";
}
