/** Successes among trials. */
export interface Proportion {
  readonly positives: number;
  readonly n: number;
}

/** Beyond this, two proportions differ at the 5 % level (two-sided). */
export const SIGNIFICANT = 1.96;

/**
 * The statistic z of the two-proportion z-test with pooled variance (Fleiss, Levin and Paik 2003,
 * ch. 3, without continuity correction): standard normal where both come from the same rate; 0 where
 * nothing varies.
 */
export function twoProportionZ(one: Proportion, other: Proportion): number {
  const pooled = (one.positives + other.positives) / (one.n + other.n);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / one.n + 1 / other.n));
  return error > 0 ? (one.positives / one.n - other.positives / other.n) / error : 0;
}
