import { groupBy } from "../base/group.js";
import { rocAuc } from "../evaluation/index.js";

/** Labels, 0 or 1, and a score of each: only those of one stratum are compared with each other. */
export interface Stratum {
  readonly labels: readonly number[];
  readonly scores: readonly number[];
}

/**
 * Whether positives score above negatives: the share of pairs in order (ROC-AUC, ties counting one
 * half), and its distance from one half in standard errors (Mann and Whitney 1947, with the variance
 * corrected for ties; of several strata their sums, van Elteren 1960). One half, and 0, where there is
 * no pair or nothing differs.
 */
export function rankTest(strata: readonly Stratum[]): { share: number; z: number } {
  let pairs = 0;
  let inOrder = 0;
  let variance = 0;
  for (const { labels, scores } of strata) {
    const n = labels.length;
    const own =
      labels.filter((label) => label === 1).length * labels.filter((one) => one === 0).length;
    if (own === 0) continue;
    const tied = [...groupBy(scores, (score) => score).values()].map(({ length: t }) => t ** 3 - t);
    const ties = tied.reduce((sum, one) => sum + one, 0) / (n * (n - 1));
    pairs += own;
    inOrder += own * rocAuc(labels, scores);
    variance += (own * (n + 1 - ties)) / 12;
  }
  return {
    share: pairs > 0 ? inOrder / pairs : 0.5,
    z: variance > 1e-9 ? (inOrder - pairs / 2) / Math.sqrt(variance) : 0,
  };
}
