import {
  type BootstrapOptions,
  type Interval,
  ofResample,
  overResamples,
  percentiles,
} from "./bootstrap.js";
import { checkBothClasses, type Labels, type Metric, type Scores } from "./metrics.js";

/** How a metric differs between two score vectors of the same trials: the first's minus the second's. */
export interface PairedDifference {
  readonly difference: number;
  /** Standard deviation of the resamples' differences. */
  readonly standardError: number;
  readonly interval: Interval;
  /** Two-sided p-value of no difference. */
  readonly p: number;
}

/**
 * Paired bootstrap test of a metric such as PR-AUC, for which there is no DeLong test: both score
 * vectors are measured on the same resamples, those that `interval` draws with that seed. The
 * interval is the percentile interval of the B differences d. Twice the smaller tail gives
 * p = min(1, 2 (1 + min(#{d ≤ 0}, #{d ≥ 0})) / (1 + B)) (Davison and Hinkley 1997, section 4.2, with
 * the ones that keep p above 0); it is 1 where the metric never differs.
 * @throws InputError see {@link checkBothClasses}.
 */
export function pairedBootstrap(
  labels: Labels,
  first: Scores,
  second: Scores,
  metric: Metric,
  options: BootstrapOptions,
): PairedDifference {
  checkBothClasses(labels, first);
  checkBothClasses(labels, second);
  const ofFirst = ofResample(labels, first, metric);
  const ofSecond = ofResample(labels, second, metric);
  const differences = overResamples(
    labels,
    (counts) => ofFirst(counts) - ofSecond(counts),
    options,
  );
  const smallerTail = Math.min(
    differences.filter((difference) => difference <= 0).length,
    differences.filter((difference) => difference >= 0).length,
  );
  return {
    difference: metric(labels, first) - metric(labels, second),
    standardError: deviationOf(differences),
    interval: percentiles(differences, options),
    p: Math.min(1, (2 * (1 + smallerTail)) / (1 + differences.length)),
  };
}

function deviationOf(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}
