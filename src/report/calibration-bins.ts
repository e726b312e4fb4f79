import type { Labels, Scores } from "../evaluation/index.js";

/** Trials of similar predicted P(success). */
export interface CalibrationBin {
  readonly count: number;
  /** Mean predicted P(success) and observed share of successes. */
  readonly predicted: number;
  readonly observed: number;
}

/**
 * Trials by ascending probability in bins of equal counts, as far as trials of the same probability, which
 * stay together, allow. Bins of equal width, which the ECE has, hold single trials at the ends.
 * @param count trials that fill a bin; the last has half of them or more
 */
export function equalCountBins(
  labels: Labels,
  probabilities: Scores,
  count: number,
): CalibrationBin[] {
  const order = Array.from(labels, (_, i) => i).sort(
    (a, b) => probabilities[a]! - probabilities[b]!,
  );
  const bins: number[][] = [];
  for (const [rank, i] of order.entries()) {
    const isNew = rank === 0 || probabilities[i] !== probabilities[order[rank - 1]!];
    const bin = bins.at(-1);
    if (bin === undefined || (isNew && bin.length >= count)) bins.push([i]);
    else bin.push(i);
  }
  if (bins.length > 1 && bins.at(-1)!.length < count / 2) {
    const rest = bins.pop()!;
    bins.at(-1)!.push(...rest);
  }
  const meanOf = (bin: readonly number[], values: Scores | Labels) =>
    bin.reduce((sum, i) => sum + values[i]!, 0) / bin.length;
  return bins.map((bin) => ({
    count: bin.length,
    predicted: meanOf(bin, probabilities),
    observed: meanOf(bin, labels),
  }));
}
