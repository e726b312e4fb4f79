/** Tests of two methods on the same trials, of one seed and over several. */
import { twoSidedP } from "../base/normal.js";
import { recordOf } from "../base/record.js";
import {
  averagePrecision,
  delongTest,
  type Interval,
  type Labels,
  pairedBootstrap,
  rocAuc,
  type Scores,
} from "../evaluation/index.js";
import { spread } from "./aggregate.js";

export const TESTED = ["rocAuc", "prAuc"] as const;
export type Tested = (typeof TESTED)[number];

/** Two score vectors' figure on the same trials. */
export interface Test {
  readonly first: number;
  readonly second: number;
  /** The first's minus the second's, with its standard error over trials and 95 % interval. */
  readonly difference: number;
  readonly standardError: number;
  readonly interval: Interval;
  /** Two-sided. */
  readonly p: number;
}
export type Tests = Readonly<Record<Tested, Test>>;

/** Means over seeds of what their tests found. */
export interface OverSeeds {
  readonly first: number;
  readonly second: number;
  readonly difference: number;
  /** Of the mean difference, over seeds: what drawing and training leave open. Null of a single seed. */
  readonly standardError: number | null;
  /**
   * Two-sided, of the medians of the seeds' one-sided p-values: the median p where all differences point
   * the same way. Seeds that contradict each other do not add up to evidence.
   */
  readonly medianP: number;
}

/**
 * DeLong's test of ROC-AUC and the paired bootstrap of PR-AUC. The p-value of the latter is that of its
 * difference in standard errors, as pROC has it: counted over 1,000 resamples none could be below .002,
 * which Holm would multiply by a family of hundreds.
 * @throws InputError if there are fewer than two trials of either outcome
 */
export function testBoth(labels: Labels, first: Scores, second: Scores): Tests {
  const { z: _, ...ofRocAuc } = delongTest(labels, first, second);
  const { difference, standardError, interval } = pairedBootstrap(
    labels,
    first,
    second,
    averagePrecision,
    { seed: 1 },
  );
  return {
    rocAuc: { first: rocAuc(labels, first), second: rocAuc(labels, second), ...ofRocAuc },
    prAuc: {
      first: averagePrecision(labels, first),
      second: averagePrecision(labels, second),
      difference,
      standardError,
      interval,
      p: twoSidedP(difference === 0 ? 0 : difference / standardError),
    },
  };
}

/** @param bySeed tests of one seed or more */
export function overSeeds(bySeed: readonly Tests[]): Readonly<Record<Tested, OverSeeds>> {
  return recordOf(TESTED, (figure) => {
    const tests = bySeed.map((of) => of[figure]);
    const meanOf = (value: (test: Test) => number) => spread(tests.map(value))!.mean;
    const { mean, deviation, count } = spread(tests.map(({ difference }) => difference))!;
    return {
      first: meanOf(({ first }) => first),
      second: meanOf(({ second }) => second),
      difference: mean,
      standardError: deviation === null ? null : deviation / Math.sqrt(count),
      medianP: Math.min(1, 2 * Math.min(medianOf(tests.map(upperP)), medianOf(tests.map(lowerP)))),
    };
  });
}

/** One-sided p-values of a positive and of a negative difference. */
const upperP = ({ difference, p }: Test): number => (difference > 0 ? p / 2 : 1 - p / 2);
const lowerP = ({ difference, p }: Test): number => (difference < 0 ? p / 2 : 1 - p / 2);

/** The mean of the two in the middle where there are two. */
function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}
