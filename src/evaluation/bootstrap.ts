import { Random } from "../base/random.js";
import {
  checkBothClasses,
  descendingOrder,
  type Labels,
  type Metric,
  type Scores,
} from "./metrics.js";

export type Interval = readonly [low: number, high: number];

export interface BootstrapOptions {
  readonly seed: number;
  readonly resamples?: number | undefined;
  /** Share of the resamples inside the interval. */
  readonly level?: number | undefined;
}

/**
 * Percentile bootstrap interval of a metric: trials are drawn with replacement, n of n, and the
 * quantiles of the metric over the resamples are interpolated linearly. A resample with one class
 * only is drawn again. The same seed draws the same trials, whatever the metric.
 * @throws InputError see {@link checkBothClasses}.
 */
export function interval(
  labels: Labels,
  scores: Scores,
  metric: Metric,
  options: BootstrapOptions,
): Interval {
  checkBothClasses(labels, scores);
  return percentiles(overResamples(labels, ofResample(labels, scores, metric), options), options);
}

/** What is computed of a resample, given how often each trial was drawn. */
export type Statistic = (counts: Uint32Array) => number;

/** A statistic of each resample of labels of both classes, in the order drawn. */
export function overResamples(
  labels: Labels,
  statistic: Statistic,
  { seed, resamples = 1000 }: BootstrapOptions,
): Float64Array {
  const n = labels.length;
  const random = new Random(seed, "bootstrap");
  const counts = new Uint32Array(n);
  return Float64Array.from({ length: resamples }, () => {
    let positives: number;
    do {
      counts.fill(0);
      positives = 0;
      for (let i = 0; i < n; i++) {
        const drawn = random.integer(n);
        counts[drawn]! += 1;
        positives += labels[drawn]!;
      }
    } while (positives === 0 || positives === n);
    return statistic(counts);
  });
}

/**
 * A metric as a statistic of resamples. It is given the drawn trials from the highest score down, so
 * that ranking metrics need not sort each resample.
 */
export function ofResample(labels: Labels, scores: Scores, metric: Metric): Statistic {
  const order = descendingOrder(scores);
  const drawnLabels = new Uint8Array(labels.length);
  const drawnScores = new Float64Array(labels.length);
  return (counts) => {
    let place = 0;
    for (const trial of order) {
      for (let times = counts[trial]!; times > 0; times--) {
        drawnLabels[place] = labels[trial]!;
        drawnScores[place++] = scores[trial]!;
      }
    }
    return metric(drawnLabels, drawnScores);
  };
}

/** The interval that holds the middle share `level` of the values. */
export function percentiles(values: Float64Array, { level = 0.95 }: BootstrapOptions): Interval {
  const sorted = values.toSorted();
  return [quantile(sorted, (1 - level) / 2), quantile(sorted, (1 + level) / 2)];
}

/** Quantile of sorted values, linear between neighbours (Hyndman and Fan's type 7). */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)]!;
  const above = sorted[Math.ceil(place)]!;
  return below + (above - below) * (place - Math.floor(place));
}
