import { countPositives } from "../../base/labels.js";
import type { BaselineTrial, LabelledTrials } from "../baseline.js";
import { labelledTrials, type Ranker, scoreEach } from "./ranker.js";

/** Trials of the broader group's rate that are added to each group (two, as in Laplace's rule). */
const PSEUDO_TRIALS = 2;

/** Keys that trials share, coarse to fine, such as the tokens of a level of the ICD-10 hierarchy. */
type Keys = (trial: BaselineTrial) => readonly (readonly string[])[];

const moleculeKeys: Keys = ({ features }) => [features.molecules.map(({ smiles }) => smiles)];

const ICD10_LEVELS = ["chapter", "block", "category", "code"];
const diseaseKeys: Keys = ({ features }) =>
  ICD10_LEVELS.map((level) => features.diseases.filter((token) => token.startsWith(`${level}:`)));

/** Success rate of the training trials that share a molecule with the trial. */
export const drugBaseRate = baseRate("drug-base-rate", "drug base rate", moleculeKeys);

/**
 * Success rate of the training trials that share a disease with the trial: its ICD-10 code, backing off
 * to category, block and chapter where few share the finer one.
 */
export const diseaseBaseRate = baseRate("disease-base-rate", "disease base rate", diseaseKeys);

/**
 * P(success) = (s + m p) / (n + m) of the n training trials that share at least one finest key with the
 * trial, s of them successes, where p is the same of the next coarser level, down to the rate of all
 * training trials, smoothed towards 1/2; m = {@link PSEUDO_TRIALS}. A trial that shares nothing gets p.
 */
function baseRate(name: string, title: string, keysOf: Keys): Ranker {
  const ranker: Ranker = {
    name,
    title,
    needs: "labels",
    readsStates: false,
    areProbabilities: true,
    async rank(trials, context) {
      const training = labelledTrials(context, ranker);
      const holders = indexOf(training, keysOf);
      const smoothed = (successes: number, count: number, prior: number) =>
        (successes + PSEUDO_TRIALS * prior) / (count + PSEUDO_TRIALS);
      const overall = smoothed(countPositives(training.labels), training.labels.length, 1 / 2);
      return scoreEach(trials, (trial) =>
        keysOf(trial).reduce((rate, keys) => {
          const sharing = [...new Set(keys.flatMap((key) => holders.get(key) ?? []))];
          const labels = sharing.map((row) => training.labels[row]!);
          return smoothed(countPositives(labels), labels.length, rate);
        }, overall),
      );
    },
  };
  return ranker;
}

/** The rows of the training trials that have each key. */
function indexOf({ trials }: LabelledTrials, keysOf: Keys): ReadonlyMap<string, readonly number[]> {
  const holders = new Map<string, number[]>();
  for (const [row, trial] of trials.entries())
    for (const key of keysOf(trial).flat()) {
      const rows = holders.get(key) ?? [];
      rows.push(row);
      holders.set(key, rows);
    }
  return holders;
}
