import {
  accuracy,
  averagePrecision,
  brier,
  countPositives,
  type Labels,
  rocAuc,
  type Scores,
} from "./metrics.js";

/** Name of a group → which of the scored trials belong to it, counted from 0. */
export type Groups = ReadonlyMap<string, readonly number[]>;

/** A part of the scored trials, such as one ICD-10 chapter; figures that its trials do not allow are null. */
export interface SubgroupFigures {
  readonly n: number;
  readonly positives: number;
  /** Null where all trials of the group have one outcome. */
  readonly prAuc: number | null;
  readonly rocAuc: number | null;
  /** Of decisions at the threshold; null where there is none. */
  readonly accuracy: number | null;
  /** Null for a method that only ranks. */
  readonly brier: number | null;
}

/**
 * The figures of each group, in the order of the groups.
 * @throws InputError if a group is empty, a label is not 0 or 1, a score is not finite, or what is
 *   said to be a probability is not in [0, 1].
 */
export function figuresBySubgroup(
  groups: Groups,
  {
    labels,
    scores,
    threshold,
    areProbabilities,
  }: {
    readonly labels: Labels;
    readonly scores: Scores;
    readonly threshold: number | null;
    readonly areProbabilities: boolean;
  },
): Record<string, SubgroupFigures> {
  const figures = ([name, members]: readonly [string, readonly number[]]) => {
    const [own, said] = [members.map((i) => labels[i]!), members.map((i) => scores[i]!)];
    const [n, positives] = [own.length, countPositives(own)];
    const isOneSided = positives === 0 || positives === n;
    return [
      name,
      {
        n,
        positives,
        prAuc: isOneSided ? null : averagePrecision(own, said),
        rocAuc: isOneSided ? null : rocAuc(own, said),
        accuracy: threshold === null ? null : accuracy(own, said, threshold),
        brier: areProbabilities ? brier(own, said) : null,
      },
    ] as const;
  };
  return Object.fromEntries([...groups].map(figures));
}
