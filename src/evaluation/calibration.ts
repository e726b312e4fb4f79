/** How well probabilities agree with frequencies, and one parameter that improves it. */
import { checkBothClasses, checkProbabilities, type Labels, type Scores } from "./metrics.js";

/** One bar of a reliability diagram. */
export interface ReliabilityBin {
  /** Probabilities in (from, to]; the first bin also holds 0. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Mean predicted P(success) and observed share of successes; undefined in an empty bin. */
  readonly predicted: number | undefined;
  readonly observed: number | undefined;
}

/** The trials sorted into bins of equal width over [0, 1]. @throws InputError see {@link checkProbabilities}. */
export function reliabilityBins(
  labels: Labels,
  probabilities: Scores,
  bins = 15,
): ReliabilityBin[] {
  checkProbabilities(labels, probabilities);
  const counts = new Float64Array(bins);
  const predicted = new Float64Array(bins);
  const observed = new Float64Array(bins);
  for (let i = 0; i < labels.length; i++) {
    const p = probabilities[i]!;
    const bin = Math.max(0, Math.ceil(p * bins) - 1);
    counts[bin]! += 1;
    predicted[bin]! += p;
    observed[bin]! += labels[i]!;
  }
  return Array.from(counts, (count, bin) => ({
    from: bin / bins,
    to: (bin + 1) / bins,
    count,
    predicted: count > 0 ? predicted[bin]! / count : undefined,
    observed: count > 0 ? observed[bin]! / count : undefined,
  }));
}

/**
 * Expected calibration error of P(success): the mean over trials of |observed - predicted| of their
 * bin, in 15 bins of equal width (Guo et al. 2017, section 2, with P(success) in place of the
 * confidence in the likelier class). @throws InputError see {@link checkProbabilities}.
 */
export function expectedCalibrationError(labels: Labels, probabilities: Scores): number {
  let sum = 0;
  for (const { count, predicted, observed } of reliabilityBins(labels, probabilities)) {
    if (count > 0) sum += count * Math.abs(observed! - predicted!);
  }
  return sum / labels.length;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** Bounds of the temperature: logits that separate the outcomes ask for 0, useless ones for infinity. */
const LOWEST = 0.01;
const HIGHEST = 100;

/**
 * Temperature scaling (Guo et al. 2017, section 4.2): the T in [0.01, 100] for which
 * σ(logit / T) has the lowest log loss. Fit it on validation trials. The loss is convex in 1/T, so
 * the root of its slope is found by bisection. @throws InputError see {@link checkBothClasses}.
 */
export function fitTemperature(logits: Scores, labels: Labels): number {
  checkBothClasses(labels, logits);
  const slope = (inverse: number) => {
    let sum = 0;
    for (let i = 0; i < labels.length; i++) {
      sum += (sigmoid(inverse * logits[i]!) - labels[i]!) * logits[i]!;
    }
    return sum;
  };
  let low = 1 / HIGHEST;
  let high = 1 / LOWEST;
  for (let halving = 0; halving < 60; halving++) {
    const middle = (low + high) / 2;
    if (slope(middle) < 0) low = middle;
    else high = middle;
  }
  return 2 / (low + high);
}

/** Probabilities σ(logit / temperature). */
export function applyTemperature(logits: Scores, temperature: number): Float64Array {
  return Float64Array.from(logits, (logit) => sigmoid(logit / temperature));
}
