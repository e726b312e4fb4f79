import { basename } from "node:path";
import { InputError } from "../base/error.js";
import { resolveDiseases } from "../disease/index.js";
import { describeTrial, type Resources, type TrialFeatures } from "../model/index.js";
import {
  NoCriteria,
  type Outcome,
  readTrials,
  type Trial,
  type TrialRecord,
} from "../trial/index.js";
import type { Candidate } from "./candidates.js";
import { type SctCard, Tally } from "./card.js";

/** Which successful trials are wanted. */
export interface SctRule {
  /** Files whose trials must not be used: all that are labelled, for fitting or for scoring. */
  readonly exclude: readonly string[];
  /** Those of them whose bad rows are passed over: nobody fits or scores them either. */
  readonly skipInvalidIn?: readonly string[] | undefined;
  /** Whether trials that share a molecule with an excluded trial are left out too. */
  readonly excludeDrugs: boolean;
  /** Only trials known to start before this day (YYYY-MM-DD). */
  readonly before?: string | undefined;
}

/** A trial chosen for pre-training. */
export interface SctTrial extends TrialFeatures {
  /** Whether it is known to be successful, or only tests a drug that was approved. */
  readonly known: boolean;
}

/**
 * Successful Clinical Trials (Zhang et al. 2025): the choice of pre-training data.
 * A trial of any phase counts as successful if it is known to be, or if a drug of it is approved.
 * Excluded NCT ids are never chosen; selection by approval is the paper's assumption, so the overlap
 * of molecules with the excluded trials is reported, and `excludeDrugs` removes it.
 */
export class SctSelection {
  private readonly excludedIds: ReadonlySet<string>;
  private readonly excludedMolecules: ReadonlySet<string>;
  private readonly tally: Tally;

  /**
   * @param approved canonical SMILES of approved drugs
   * @throws InputError if an excluded file cannot be read, or has a bad row that is not passed over; if
   *   drugs are to be excluded and no file is
   */
  constructor(
    private readonly rule: SctRule,
    private readonly approved: ReadonlySet<string>,
    private readonly resources: Resources,
  ) {
    if (rule.excludeDrugs && rule.exclude.length === 0)
      throw new InputError("there are no trials whose drugs could be left out", {
        field: "--exclude-drugs",
        remedy: "Name the labelled trials with --exclude, too",
      });
    const excluded = rule.exclude.map((file) => {
      const skipInvalid = rule.skipInvalidIn?.includes(file) ?? false;
      const trials = readTrials(file, { skipInvalid }).records.map(({ trial }) => trial);
      return {
        file: basename(file),
        ids: new Set(trials.map(({ nctId }) => nctId)),
        molecules: new Set(trials.flatMap((trial) => moleculesOf(describeTrial(trial, resources)))),
      };
    });
    this.excludedIds = new Set(excluded.flatMap(({ ids }) => [...ids]));
    this.excludedMolecules = new Set(excluded.flatMap(({ molecules }) => [...molecules]));
    this.tally = new Tally(excluded);
  }

  /** The chosen ones of the candidates with their features; all are counted. */
  async *choose(
    candidates: AsyncIterable<Candidate>,
  ): AsyncGenerator<{ record: TrialRecord; trial: SctTrial }> {
    for await (const { record, knownSuccess } of candidates) {
      if (record instanceof NoCriteria) {
        const { nctId } = record;
        this.tally.leave(nctId, this.whyNotById(nctId) ?? "no eligibility criteria");
        continue;
      }
      const trial = this.consider(record, knownSuccess);
      if (trial !== undefined) yield { record, trial };
    }
  }

  /**
   * The features of a record if it is chosen, else undefined; either is counted.
   * @param knownSuccess whether it counts as successful without an approved drug
   */
  private consider(record: TrialRecord, knownSuccess: boolean): SctTrial | undefined {
    const { trial, outcome } = record;
    const reason = this.whyNotById(trial.nctId) ?? this.whyNotByOutcome(outcome);
    if (reason !== undefined) {
      this.tally.leave(trial.nctId, reason);
      return undefined;
    }
    const features = describeTrial(trial, this.resources);
    const whyNot = this.whyNotByFeatures(features, knownSuccess);
    if (whyNot !== undefined) {
      this.tally.leave(trial.nctId, whyNot);
      return undefined;
    }
    this.tally.keep(record, features, codesOf(trial, this.resources));
    // A trial of a built SCT counts as successful, but what it was chosen for still holds.
    return { ...features, known: knownSuccess && (outcome.knownSuccess ?? true) };
  }

  /** What was chosen so far, and why the rest was not. */
  card(): SctCard {
    return this.tally.card();
  }

  private whyNotById(nctId: string): string | undefined {
    if (this.excludedIds.has(nctId)) return "in an excluded split";
    if (this.tally.has(nctId)) return "seen before";
    return undefined;
  }

  private whyNotByOutcome(outcome: Outcome): string | undefined {
    if (outcome.label === 0) return "labelled as failed";
    const { before } = this.rule;
    if (before !== undefined && !(latestDay(outcome.startDate) < before))
      return "not known to start before the limit";
    return undefined;
  }

  private whyNotByFeatures(features: TrialFeatures, knownSuccess: boolean): string | undefined {
    const molecules = moleculesOf(features);
    const isApproved = (smiles: string) =>
      this.approved.has(this.resources.chemistry.canonical(smiles));
    if (molecules.length === 0) return "no resolved drug";
    if (features.diseases.length === 0) return "no resolved disease";
    if (!knownSuccess && !molecules.some(isApproved)) return "no approved drug";
    if (this.rule.excludeDrugs && molecules.some((smiles) => this.excludedMolecules.has(smiles)))
      return "shares a drug with an excluded split";
    return undefined;
  }
}

const moleculesOf = ({ molecules }: TrialFeatures): string[] =>
  molecules.map(({ smiles }) => smiles);

const codesOf = (trial: Trial, { conditions }: Resources): string[] =>
  resolveDiseases(trial, conditions).tokens.flatMap((way) => way.at(-1) ?? []);

/** The last day that a date of the registry, such as 2004 or 2004-12, can mean; as text it sorts so. */
const latestDay = (date = "9999"): string => date + "-99-99".slice(date.length - 4);
