import { type Interval, interval } from "./bootstrap.js";
import { expectedCalibrationError } from "./calibration.js";
import {
  averagePrecision,
  binarisedAveragePrecision,
  brier,
  countPositives,
  f1,
  type Labels,
  rocAuc,
  type Scores,
} from "./metrics.js";

/** What is reported of a model on labelled trials. */
export interface Evaluation {
  readonly n: number;
  readonly positives: number;
  readonly prAuc: number;
  readonly rocAuc: number;
  readonly f1: number;
  readonly brier: number;
  readonly ece: number;
  readonly threshold: number;
  /** 95 % bootstrap intervals. */
  readonly interval: { readonly prAuc: Interval; readonly rocAuc: Interval };
  /** See {@link binarisedAveragePrecision}: for comparison with HINT's figures only. */
  readonly binarisedPrAuc: number;
}

/**
 * All figures of one model. The threshold must come from validation trials.
 * @throws InputError if a label is not 0 or 1, all are the same, or a probability is not in [0, 1].
 */
export function evaluate({
  labels,
  probabilities,
  threshold,
  seed,
  resamples,
}: {
  readonly labels: Labels;
  readonly probabilities: Scores;
  readonly threshold: number;
  readonly seed: number;
  readonly resamples?: number | undefined;
}): Evaluation {
  return {
    n: labels.length,
    positives: countPositives(labels),
    prAuc: averagePrecision(labels, probabilities),
    rocAuc: rocAuc(labels, probabilities),
    f1: f1(labels, probabilities, threshold),
    brier: brier(labels, probabilities),
    ece: expectedCalibrationError(labels, probabilities),
    threshold,
    interval: {
      prAuc: interval(labels, probabilities, averagePrecision, { seed, resamples }),
      rocAuc: interval(labels, probabilities, rocAuc, { seed, resamples }),
    },
    binarisedPrAuc: binarisedAveragePrecision(labels, probabilities, threshold),
  };
}

/**
 * The row every table needs: P(success) = 1 for each trial. Where most trials succeed its F1 is hard
 * to beat. @throws InputError see {@link evaluate}.
 */
export function evaluateAllPositive(labels: Labels, seed: number): Evaluation {
  const probabilities = new Float64Array(labels.length).fill(1);
  return evaluate({ labels, probabilities, threshold: 0.5, seed });
}
