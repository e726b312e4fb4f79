import type { BaselineTrial } from "./baseline.js";
import type { FeatureRows } from "./features.js";

/** Trials by their mean hidden states alone. */
export function stateRows(trials: readonly BaselineTrial[]): FeatureRows {
  const columns = trials[0]?.states.length ?? 0;
  const x = new Float32Array(trials.length * columns);
  trials.forEach(({ states }, row) => {
    x.set(states, row * columns);
  });
  return { x, rows: trials.length, columns };
}

/**
 * Trials as points of length 1, whose inner products are cosines. Hidden states share one direction
 * that says nothing of a trial and makes all cosines nearly 1 (Ethayarajh 2019): they are taken from
 * the mean of some trials, which removes it.
 */
export function fitDirections(
  trials: readonly BaselineTrial[],
): (trial: BaselineTrial) => Float64Array {
  const centre = meanOf(trials.map(({ states }) => states));
  return ({ states }) => normalised(centre.map((mean, i) => states[i]! - mean));
}

/** The mean of vectors of one length, at least one. */
export function meanOf(vectors: readonly ArrayLike<number>[]): Float64Array {
  const mean = new Float64Array(vectors[0]!.length);
  for (const vector of vectors)
    for (let i = 0; i < mean.length; i++) mean[i]! += vector[i]! / vectors.length;
  return mean;
}

/** x / |x|; the zero vector stays. */
export function normalised(x: Float64Array): Float64Array {
  const length = Math.sqrt(dot(x, x));
  return length > 0 ? x.map((value) => value / length) : x;
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
