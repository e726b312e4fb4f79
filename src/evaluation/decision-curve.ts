import { checkProbabilities, confusion, type Labels, type Scores } from "./metrics.js";

/**
 * Net benefit per trial of three ways to decide which trials to run, in units of a true success: a run
 * that fails costs threshold / (1 - threshold) of it.
 */
export interface DecisionPoint {
  /** The P(success) at which running a trial and leaving it are worth the same. */
  readonly threshold: number;
  /** Run the trials with P(success) ≥ threshold. */
  readonly model: number;
  readonly treatAll: number;
  readonly treatNone: 0;
}

const THRESHOLDS = Array.from({ length: 99 }, (_, i) => (i + 1) / 100);

/**
 * Decision curve: net benefit TP/n - FP/n · t/(1 - t) at each threshold t (Vickers and Elkin, Medical
 * Decision Making 26, 2006).
 * @param thresholds in [0, 1); .01, .02, …, .99 by default
 * @throws InputError see {@link checkProbabilities}; RangeError if a threshold is outside [0, 1).
 */
export function decisionCurve(
  labels: Labels,
  probabilities: Scores,
  thresholds: readonly number[] = THRESHOLDS,
): DecisionPoint[] {
  checkProbabilities(labels, probabilities);
  const netBenefit = (threshold: number, cutoff: number) => {
    const { truePositives, falsePositives } = confusion(labels, probabilities, cutoff);
    return (truePositives - (falsePositives * threshold) / (1 - threshold)) / labels.length;
  };
  return thresholds.map((threshold) => {
    if (!(threshold >= 0 && threshold < 1)) {
      throw new RangeError(`threshold ${threshold} is outside [0, 1)`);
    }
    return {
      threshold,
      model: netBenefit(threshold, threshold),
      treatAll: netBenefit(threshold, 0),
      treatNone: 0,
    };
  });
}
