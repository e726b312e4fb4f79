/**
 * Figures of merit of binary predictions. Labels are 1 (success) and 0 (failure); scores are any
 * finite numbers that rank the trials, except where a function asks for probabilities.
 */
import { InputError } from "../base/error.js";
import { checkLabels, countPositives, type Labels, positivesOfBoth } from "../base/labels.js";

export { countPositives, type Labels };
export type Scores = ArrayLike<number>;
export type Metric = (labels: Labels, scores: Scores) => number;

/** @throws RangeError if lengths differ; InputError if there is no trial, a label is not 0 or 1, or a score is not finite. */
function checkPairs(labels: Labels, scores: Scores): void {
  if (labels.length !== scores.length) {
    throw new RangeError(`${labels.length} labels, but ${scores.length} scores`);
  }
  checkLabels(labels);
  for (let i = 0; i < scores.length; i++) {
    if (!Number.isFinite(scores[i])) {
      throw new InputError(`score ${scores[i]} is not a number`, {
        row: i + 1,
        field: "score",
        remedy: "Check the model that made it: its features or weights hold NaN or infinity",
      });
    }
  }
}

/** As {@link checkPairs}; also @throws InputError if a probability is outside 0 to 1. */
export function checkProbabilities(labels: Labels, probabilities: Scores): void {
  checkPairs(labels, probabilities);
  for (let i = 0; i < probabilities.length; i++) {
    const p = probabilities[i]!;
    if (p < 0 || p > 1) {
      throw new InputError(`probability ${p} is outside 0 to 1`, {
        row: i + 1,
        field: "probability",
        remedy: "Turn scores into probabilities first, for example by the logistic function",
      });
    }
  }
}

/** As {@link checkPairs}; also @throws InputError if all labels are the same. Returns the number of ones. */
export function checkBothClasses(labels: Labels, scores: Scores): number {
  checkPairs(labels, scores);
  return positivesOfBoth(labels);
}

export interface Cut {
  /** Trials that score at least this are called positive. */
  threshold: number;
  truePositives: number;
  falsePositives: number;
}

/** The trials from the highest score down. Scores that come so already are not sorted again. */
export function descendingOrder(scores: Scores): Uint32Array {
  // Plain loops here and in `cuts`: bootstraps of whole benchmarks call them millions of times.
  const order = new Uint32Array(scores.length);
  let descends = true;
  for (let i = 0; i < order.length; i++) {
    order[i] = i;
    if (i > 0 && scores[i - 1]! < scores[i]!) descends = false;
  }
  return descends ? order : order.sort((a, b) => scores[b]! - scores[a]!);
}

/** One cut for each distinct score, from the highest down; trials with equal scores enter together. */
export function cuts(labels: Labels, scores: Scores): Cut[] {
  const order = descendingOrder(scores);
  const found: Cut[] = [];
  let truePositives = 0;
  let falsePositives = 0;
  for (let rank = 0; rank < order.length; rank++) {
    const trial = order[rank]!;
    if (labels[trial] === 1) truePositives += 1;
    else falsePositives += 1;
    const threshold = scores[trial]!;
    const next = order[rank + 1];
    if (next === undefined || scores[next] !== threshold) {
      found.push({ threshold, truePositives, falsePositives });
    }
  }
  return found;
}

/**
 * PR-AUC as average precision: Σ (R_k - R_{k-1}) P_k over the cuts k between distinct scores. No
 * interpolation; equals scikit-learn's `average_precision_score`.
 * @throws InputError see {@link checkBothClasses}.
 */
export function averagePrecision(labels: Labels, scores: Scores): number {
  const positives = checkBothClasses(labels, scores);
  let sum = 0;
  let before = 0;
  for (const { truePositives, falsePositives } of cuts(labels, scores)) {
    const precision = truePositives / (truePositives + falsePositives);
    sum += ((truePositives - before) / positives) * precision;
    before = truePositives;
  }
  return sum;
}

/**
 * ROC-AUC: the probability that a success outranks a failure, equal scores counting one half.
 * @throws InputError see {@link checkBothClasses}.
 */
export function rocAuc(labels: Labels, scores: Scores): number {
  const positives = checkBothClasses(labels, scores);
  let area = 0;
  let last = { truePositives: 0, falsePositives: 0 };
  for (const cut of cuts(labels, scores)) {
    const width = cut.falsePositives - last.falsePositives;
    area += (width * (cut.truePositives + last.truePositives)) / 2;
    last = cut;
  }
  return area / (positives * (labels.length - positives));
}

const f1Of = (truePositives: number, called: number, positives: number) =>
  truePositives === 0 ? 0 : (2 * truePositives) / (called + positives);

/** How the decisions score ≥ threshold turn out. */
export interface Confusion {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly trueNegatives: number;
  readonly falseNegatives: number;
}

/** Counts of the decisions score ≥ threshold. @throws InputError see {@link checkPairs}. */
export function confusion(labels: Labels, scores: Scores, threshold: number): Confusion {
  checkPairs(labels, scores);
  const decisions = decide(scores, threshold);
  const called = countPositives(decisions);
  const truePositives = countPositives(decisions.filter((_, i) => labels[i] === 1));
  const falseNegatives = countPositives(labels) - truePositives;
  return {
    truePositives,
    falsePositives: called - truePositives,
    trueNegatives: labels.length - called - falseNegatives,
    falseNegatives,
  };
}

/** F1 of the decisions score ≥ threshold; 0 where no success is found. @throws InputError see {@link checkPairs}. */
export function f1(labels: Labels, scores: Scores, threshold: number): number {
  const found = confusion(labels, scores, threshold);
  const called = found.truePositives + found.falsePositives;
  return f1Of(found.truePositives, called, found.truePositives + found.falseNegatives);
}

/** Share of the decisions score ≥ threshold that are right. @throws InputError see {@link checkPairs}. */
export function accuracy(labels: Labels, scores: Scores, threshold: number): number {
  const { truePositives, trueNegatives } = confusion(labels, scores, threshold);
  return (truePositives + trueNegatives) / labels.length;
}

/**
 * The score at which F1 is highest; of several, the highest. Fit it on validation trials, never on
 * those it is reported for. @throws InputError see {@link checkBothClasses}.
 */
export function bestF1Threshold(labels: Labels, scores: Scores): number {
  const positives = checkBothClasses(labels, scores);
  const at = (cut: Cut) =>
    f1Of(cut.truePositives, cut.truePositives + cut.falsePositives, positives);
  return cuts(labels, scores).reduce((best, cut) => (at(cut) > at(best) ? cut : best)).threshold;
}

/** 1 where score ≥ threshold, else 0. */
export function decide(scores: Scores, threshold: number): Uint8Array {
  return Uint8Array.from(scores, (score) => (score >= threshold ? 1 : 0));
}

/**
 * Average precision of the 0/1 decisions instead of the scores. HINT's published "PR-AUC" is this
 * figure: it depends on the threshold and is comparable with nothing but HINT's.
 * @throws InputError see {@link checkBothClasses}.
 */
export function binarisedAveragePrecision(
  labels: Labels,
  scores: Scores,
  threshold: number,
): number {
  checkPairs(labels, scores);
  return averagePrecision(labels, decide(scores, threshold));
}

/** Brier score: mean of (p - y)². @throws InputError see {@link checkProbabilities}. */
export function brier(labels: Labels, probabilities: Scores): number {
  checkProbabilities(labels, probabilities);
  let sum = 0;
  for (let i = 0; i < labels.length; i++) sum += (probabilities[i]! - labels[i]!) ** 2;
  return sum / labels.length;
}

/**
 * Log loss: mean of -ln p(y), with p kept at least 2⁻⁵² away from 0 and 1 as scikit-learn does.
 * @throws InputError see {@link checkProbabilities}.
 */
export function logLoss(labels: Labels, probabilities: Scores): number {
  checkProbabilities(labels, probabilities);
  let sum = 0;
  for (let i = 0; i < labels.length; i++) {
    const p = Math.min(1 - Number.EPSILON, Math.max(Number.EPSILON, probabilities[i]!));
    sum -= Math.log(labels[i] === 1 ? p : 1 - p);
  }
  return sum / labels.length;
}
