/**
 * The sampling error of ROC-AUC without resampling: DeLong, DeLong and Clarke-Pearson, "Comparing the
 * areas under two or more correlated receiver operating characteristic curves: a nonparametric
 * approach", Biometrics 44 (1988), computed in O(n log n) as by Sun and Xu, "Fast implementation of
 * DeLong's algorithm", IEEE Signal Processing Letters 21 (2014): the number of trials that a trial
 * outranks comes from one sort, ties counting one half, where the definition compares all pairs.
 */
import { InputError } from "../base/error.js";
import { normalQuantile, twoSidedP } from "../base/normal.js";
import type { Interval } from "./bootstrap.js";
import { checkBothClasses, cuts, type Labels, type Scores } from "./metrics.js";

export interface RocAucEstimate {
  readonly rocAuc: number;
  readonly standardError: number;
  /** 95 % interval of the normal distribution around the estimate, cut at 0 and 1. */
  readonly interval: Interval;
}

/** ROC-AUC with its standard error. @throws InputError see {@link placements}. */
export function delong(labels: Labels, scores: Scores): RocAucEstimate {
  const { mean, standardError } = summary(labels, placements(labels, scores));
  const [low, high] = normalInterval(mean, standardError);
  return {
    rocAuc: mean,
    standardError,
    interval: [Math.max(0, low), Math.min(1, high)],
  };
}

/** Test of whether two score vectors of the same trials have the same ROC-AUC. */
export interface RocAucTest {
  /** The first's ROC-AUC minus the second's. */
  readonly difference: number;
  readonly standardError: number;
  /** 95 % interval of the normal distribution around the difference. */
  readonly interval: Interval;
  readonly z: number;
  /** Two-sided. */
  readonly p: number;
}

/**
 * DeLong's test for two score vectors of the same trials. Vectors that rank alike give z = 0, p = 1.
 * @throws InputError see {@link placements}.
 */
export function delongTest(labels: Labels, first: Scores, second: Scores): RocAucTest {
  const ofSecond = placements(labels, second);
  // The variance of the trials' differences is that of either vector less twice their covariance,
  // and exactly 0 where both rank alike.
  const differences = placements(labels, first).map((placement, i) => placement - ofSecond[i]!);
  const { mean, standardError } = summary(labels, differences);
  const z = mean === 0 ? 0 : mean / standardError;
  return {
    difference: mean,
    standardError,
    interval: normalInterval(mean, standardError),
    z,
    p: twoSidedP(z),
  };
}

/**
 * The placement value of each trial (DeLong's structural components): of a success the share of the
 * failures that it outranks, of a failure the share of the successes that outrank it.
 * @throws InputError see {@link checkBothClasses}, or if there are fewer than two trials of either outcome.
 */
function placements(labels: Labels, scores: Scores): Float64Array {
  const positives = checkBothClasses(labels, scores);
  const negatives = labels.length - positives;
  if (Math.min(positives, negatives) < 2) {
    throw new InputError(`${positives} of ${labels.length} labels are 1`, {
      field: "label",
      remedy: "Give two or more trials of either outcome: one alone has no variance",
    });
  }
  const ofScore = new Map<number, readonly [ofFailure: number, ofSuccess: number]>();
  let above = { truePositives: 0, falsePositives: 0 };
  for (const cut of cuts(labels, scores)) {
    ofScore.set(cut.threshold, [
      (above.truePositives + cut.truePositives) / 2 / positives,
      1 - (above.falsePositives + cut.falsePositives) / 2 / negatives,
    ]);
    above = cut;
  }
  return Float64Array.from(labels, (label, i) => ofScore.get(scores[i]!)![label as 0 | 1]);
}

/** Mean of the successes' placements, which is that of the failures' too, and its standard error. */
function summary(
  labels: Labels,
  values: Float64Array,
): { readonly mean: number; readonly standardError: number } {
  const successes = moments(values.filter((_, i) => labels[i] === 1));
  const failures = moments(values.filter((_, i) => labels[i] === 0));
  return {
    mean: successes.mean,
    standardError: Math.sqrt(successes.variance / successes.n + failures.variance / failures.n),
  };
}

function moments(values: Float64Array): { n: number; mean: number; variance: number } {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { n, mean, variance: squares / (n - 1) };
}

function normalInterval(mean: number, standardError: number): Interval {
  const margin = normalQuantile(0.975) * standardError;
  return [mean - margin, mean + margin];
}
