import type { Watcher } from "../base/watcher.js";
import { readApproved } from "../drug/index.js";
import { describeTrial, type Resources, type TrialFeatures } from "../model/index.js";
import { readTrialFiles, readTrials, type TrialRecord } from "../trial/index.js";

export interface SctSources {
  /** Files of trials that count as successful: all, or those labelled 1 where they have labels. */
  readonly trials: readonly string[];
  /** Files of records that count as successful where a drug of theirs is approved. */
  readonly studies: readonly string[];
  /** CSV of approved drugs with a column `smiles`. */
  readonly approved: string;
  /** Files whose trials must not be used: all that are labelled, for fitting or for scoring. */
  readonly exclude: readonly string[];
  /** Whether trials that share a molecule with an excluded trial are left out too. */
  readonly excludeDrugs: boolean;
  /** Whether bad rows of the trials and studies are listed in the run's folder instead of stopping it. */
  readonly skipInvalid: boolean;
  /** Only trials known to start before this day (YYYY-MM-DD). */
  readonly before?: string | undefined;
}

/** How the trials were chosen, for the run's record. */
export interface SctCard {
  readonly trials: number;
  readonly molecules: number;
  readonly diseases: number;
  readonly combinations: number;
  readonly meanWords: number;
  /** Why records were left out, and how many. */
  readonly leftOut: Readonly<Record<string, number>>;
  /** Share of the excluded trials' molecules that occur in the kept trials. */
  readonly sharedMolecules: number;
}

/** A trial chosen for pre-training. */
export interface SctTrial extends TrialFeatures {
  /** Whether it is known to be successful, or only tests a drug that was approved. */
  readonly known: boolean;
}

/**
 * Successful Clinical Trials (Zhang et al. 2025): the pre-training data, without labels.
 * Excluded NCT ids are never in it; selection by approval is the paper's assumption, so the overlap
 * of molecules with the excluded trials is reported, and `excludeDrugs` removes it.
 * @param folder where bad rows are listed
 * @throws InputError if a file cannot be read
 */
export function buildSct(
  sources: SctSources,
  resources: Resources,
  folder: string,
  watcher: Watcher,
): { trials: SctTrial[]; card: SctCard } {
  const files = [...sources.trials, ...sources.studies];
  const read = readTrialFiles(files, folder, { skipInvalid: sources.skipInvalid }, watcher);
  const approved = readApproved(sources.approved, resources.chemistry);
  const excluded = sources.exclude.flatMap((file) => readTrials(file).records);
  const excludedIds = new Set(excluded.map(({ trial }) => trial.nctId));
  const excludedMolecules = new Set(
    excluded.flatMap(({ trial }) => moleculesOf(describeTrial(trial, resources))),
  );
  const leftOut: Record<string, number> = {};
  const kept = new Map<string, SctTrial>();
  const whyNot = (
    { trial, outcome }: TrialRecord,
    { diseases }: TrialFeatures,
    molecules: readonly string[],
    needsApproval: boolean,
  ): string | undefined => {
    const isApproved = (smiles: string) => approved.has(resources.chemistry.canonical(smiles));
    if (excludedIds.has(trial.nctId)) return "in an excluded split";
    if (kept.has(trial.nctId)) return "seen before";
    if (outcome.label === 0) return "labelled as failed";
    if (sources.before !== undefined && !(latestDay(outcome.startDate) < sources.before))
      return "not known to start before the limit";
    if (molecules.length === 0) return "no resolved drug";
    if (diseases.length === 0) return "no resolved disease";
    if (needsApproval && !molecules.some(isApproved)) return "no approved drug";
    if (sources.excludeDrugs && molecules.some((smiles) => excludedMolecules.has(smiles)))
      return "shares a drug with an excluded split";
    return undefined;
  };
  const consider = (record: TrialRecord, needsApproval: boolean) => {
    const features = describeTrial(record.trial, resources);
    const reason = whyNot(record, features, moleculesOf(features), needsApproval);
    if (reason === undefined) kept.set(record.trial.nctId, { ...features, known: !needsApproval });
    else leftOut[reason] = (leftOut[reason] ?? 0) + 1;
  };
  read.forEach((records, file) => {
    for (const record of records) consider(record, file >= sources.trials.length);
  });

  const trials = [...kept.values()];
  const molecules = new Set(trials.flatMap(moleculesOf));
  const shared = [...excludedMolecules].filter((smiles) => molecules.has(smiles));
  return {
    trials,
    card: {
      trials: trials.length,
      molecules: molecules.size,
      diseases: new Set(trials.map(({ diseases }) => diseases.at(-1))).size,
      combinations: new Set(trials.map((trial) => moleculesOf(trial).sort().join(" "))).size,
      meanWords: Math.round(
        trials.reduce((sum, { text }) => sum + text.split(/\s+/).length, 0) / trials.length,
      ),
      leftOut,
      sharedMolecules: shared.length / Math.max(1, excludedMolecules.size),
    },
  };
}

const moleculesOf = ({ molecules }: TrialFeatures): string[] =>
  molecules.map(({ smiles }) => smiles);

/** The last day that a date of the registry, such as 2004 or 2004-12, can mean; as text it sorts so. */
const latestDay = (date = "9999"): string => date + "-99-99".slice(date.length - 4);
