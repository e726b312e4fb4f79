/** How large a difference in ROC-AUC a set of trials can show. */
import { normalQuantile } from "../base/normal.js";

/**
 * The smallest true difference that a two-sided test at level .05 finds with power .8:
 * (z_{1 - α/2} + z_{power}) · SE (Obuchowski and McClish, Statistics in Medicine 16, 1997), with the same
 * standard error under both hypotheses.
 * @param standardError of the difference: measured, as `delongTest` gives it, or planned, as
 *   {@link plannedStandardError}
 */
export function minimalDifference(
  standardError: number,
  { level = 0.05, power = 0.8 }: { readonly level?: number; readonly power?: number } = {},
): number {
  return (normalQuantile(1 - level / 2) + normalQuantile(power)) * standardError;
}

export interface ComparisonPlan {
  readonly positives: number;
  readonly negatives: number;
  /** ROC-AUC of both methods. */
  readonly rocAuc: number;
  /**
   * Correlation of the two estimates of ROC-AUC over samples of trials. 0 is for methods measured on
   * different trials; on the same trials, the closer the methods, the closer to 1.
   */
  readonly correlation: number;
}

/**
 * Standard error of the difference between two methods' ROC-AUC before any is measured:
 * √(2 (1 - r)) · SE (Hanley and McNeil, Radiology 148, 1983), with SE² = (A (1 - A) + (n₊ - 1)(Q₁ - A²) +
 * (n₋ - 1)(Q₂ - A²)) / (n₊ n₋), Q₁ = A / (2 - A), Q₂ = 2 A² / (1 + A), which suits scores of
 * exponential distributions (Hanley and McNeil, Radiology 143, 1982).
 */
export function plannedStandardError({
  positives,
  negatives,
  rocAuc,
  correlation,
}: ComparisonPlan): number {
  const square = rocAuc ** 2;
  const variance =
    (rocAuc * (1 - rocAuc) +
      (positives - 1) * (rocAuc / (2 - rocAuc) - square) +
      (negatives - 1) * ((2 * square) / (1 + rocAuc) - square)) /
    (positives * negatives);
  return Math.sqrt(2 * (1 - correlation) * variance);
}
