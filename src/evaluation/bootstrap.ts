import { Random } from "../base/random.js";
import {
  checkBothClasses,
  countPositives,
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
  { seed, resamples = 1000, level = 0.95 }: BootstrapOptions,
): Interval {
  checkBothClasses(labels, scores);
  const n = labels.length;
  const random = new Random(seed, "bootstrap");
  const drawnLabels = new Uint8Array(n);
  const drawnScores = new Float64Array(n);
  const values = Float64Array.from({ length: resamples }, () => {
    let positives: number;
    do {
      for (let i = 0; i < n; i++) {
        const drawn = random.integer(n);
        drawnLabels[i] = labels[drawn]!;
        drawnScores[i] = scores[drawn]!;
      }
      positives = countPositives(drawnLabels);
    } while (positives === 0 || positives === n);
    return metric(drawnLabels, drawnScores);
  }).sort();
  return [quantile(values, (1 - level) / 2), quantile(values, (1 + level) / 2)];
}

/** Quantile of sorted values, linear between neighbours (Hyndman and Fan's type 7). */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)]!;
  const above = sorted[Math.ceil(place)]!;
  return below + (above - below) * (place - Math.floor(place));
}
