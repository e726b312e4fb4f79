/** Which methods stand beside each other where there is no room for all. */
import { groupBy } from "../base/group.js";
import { type Figure, type Row, spread } from "./aggregate.js";
import { ALL_POSITIVE } from "./all-positive.js";

/** The methods of a task on one data set, each as its rows: one, or one for each number of shots. */
export interface Contenders {
  /** The reference first, the others as they came. */
  readonly ours: readonly (readonly Row[])[];
  /** By falling ROC-AUC on the trials scored, without the one that always predicts success. */
  readonly others: readonly (readonly Row[])[];
}

/** How the strongest baselines were found, in one sentence. */
export const CHOICE =
  "The strongest baselines are those with the highest ROC-AUC on the very trials scored, a choice in hindsight that can only make ours look worse beside them.";

export function contendersOf(rows: readonly Row[]): Contenders {
  const methods = [...groupBy(rows, ({ method }) => method).values()];
  return {
    ours: methods
      .filter(([row]) => row!.ours)
      .sort(([a], [b]) => Number(b!.reference) - Number(a!.reference)),
    others: byFigure(
      methods.filter(([row]) => !row!.ours && row!.method !== ALL_POSITIVE),
      "rocAuc",
    ),
  };
}

/** Who is set beside whom where there is room for two. */
export interface Match {
  readonly reference: readonly Row[];
  /** The strongest baseline; in ablations, where all methods are ours, the strongest other one. */
  readonly rival: readonly Row[] | undefined;
}

/** @param rows of one task and data set; undefined if none is of its reference */
export function matchOf(rows: readonly Row[]): Match | undefined {
  const { ours, others } = contendersOf(rows);
  const reference = [...ours, ...others].find(([row]) => row!.reference);
  if (reference === undefined) return undefined;
  const rivals = rows[0]!.task === "ablation" ? byFigure(ours, "rocAuc") : others;
  const rival = rivals.find((own) => own !== reference);
  return { reference, rival };
}

/** Methods by the mean of a figure over their rows, the highest first; those without it last. */
export function byFigure(methods: readonly (readonly Row[])[], figure: Figure): (readonly Row[])[] {
  const strength = (own: readonly Row[]): number =>
    spread(own.map(({ figures }) => figures[figure]?.mean ?? null))?.mean ??
    Number.NEGATIVE_INFINITY;
  return methods.toSorted((a, b) => strength(b) - strength(a));
}
