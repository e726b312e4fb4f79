/** The standard normal distribution. */

/** erf x = 2/√π e^(−x²) Σ 2ⁿ x^(2n+1) / (2n+1)!!, whose terms have one sign (DLMF 7.6.2). */
export function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x); // 1 − erf 6 < 1e-16
  let term = x;
  let series = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(series); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    series += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * series;
}

/** Levels of the continued fraction: from x = 2 on, more change nothing in float64. */
const LEVELS = 60;

/**
 * P(Z > z). Far out 1 − erf would lose its digits, so there the tail is the continued fraction of
 * erfc, e^(−x²)/√π · 1/(x + (1/2)/(x + (2/2)/(x + …))) (DLMF 7.9).
 */
export function upperTail(z: number): number {
  if (z < 0) return 1 - upperTail(-z);
  const x = z * Math.SQRT1_2;
  if (x < 2) return (1 - erf(x)) / 2;
  let fraction = x;
  for (let level = LEVELS; level > 0; level--) fraction = x + level / 2 / fraction;
  return Math.exp(-x * x) / (2 * Math.sqrt(Math.PI) * fraction);
}

/** Two-sided p-value of a standard normal statistic: P(|Z| ≥ |z|). */
export const twoSidedP = (z: number): number => 2 * upperTail(Math.abs(z));

/** The z with P(Z ≤ z) = share, for a share in (0, 1), by bisection. */
export function normalQuantile(share: number): number {
  if (share > 0.5) return -normalQuantile(1 - share);
  let low = -40;
  let high = 0;
  for (let halving = 0; halving < 60; halving++) {
    const middle = (low + high) / 2;
    if (upperTail(-middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
