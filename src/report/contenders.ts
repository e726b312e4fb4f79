/** Which methods stand beside each other where there is no room for all. */
import { groupBy } from "../base/group.js";
import { type Row, spread } from "./aggregate.js";
import { ALL_POSITIVE } from "./all-positive.js";

/** The methods of a task on one data set, each as its rows: one, or one for each number of shots. */
export interface Contenders {
  /** The reference first. */
  readonly ours: readonly (readonly Row[])[];
  /** By falling ROC-AUC, without the one that always predicts success. */
  readonly others: readonly (readonly Row[])[];
  /** Whether that is the ROC-AUC on validation trials, as it is where all have one, or on those scored. */
  readonly byValidation: boolean;
}

export function contendersOf(rows: readonly Row[]): Contenders {
  const methods = [...groupBy(rows, ({ method }) => method).values()];
  const ours = methods
    .filter(([row]) => row!.ours)
    .sort(([a], [b]) => Number(b!.reference) - Number(a!.reference));
  const others = methods.filter(([row]) => !row!.ours && row!.method !== ALL_POSITIVE);
  const byValidation = others.flat().every(({ validation }) => validation.rocAuc !== null);
  const strength = (own: readonly Row[]): number => {
    const figures = own.map((row) => (byValidation ? row.validation : row.figures).rocAuc!.mean);
    return spread(figures)!.mean;
  };
  return { ours, others: others.sort((a, b) => strength(b) - strength(a)), byValidation };
}

/** One sentence or two on how the strongest baselines were found. @param rows of one task */
export function choiceText(rows: readonly Row[]): string {
  const flattered = [...groupBy(rows, ({ dataset }) => dataset)]
    .filter(([, own]) => !contendersOf(own).byValidation)
    .map(([dataset]) => dataset);
  const chosen =
    "The strongest baselines are those with the highest ROC-AUC on the validation trials.";
  return flattered.length === 0
    ? chosen
    : `${chosen} Not so on ${flattered.join(", ")}: where a method was not scored on validation trials they are those with the highest on the very trials scored, which flatters them.`;
}
