import { InputError } from "./error.js";
import type { Random } from "./random.js";

/** Outcomes of trials: 1 is success, 0 failure. */
export type Labels = ArrayLike<number>;

/** @throws InputError if there is no label or one is not 0 or 1. */
export function checkLabels(labels: Labels): void {
  if (labels.length === 0) {
    throw new InputError("no labelled trials", { remedy: "Give trials whose outcome is known" });
  }
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] !== 0 && labels[i] !== 1) {
      throw new InputError(`label ${labels[i]} is neither 0 nor 1`, {
        row: i + 1,
        field: "label",
        remedy: "Use 1 for success and 0 for failure",
      });
    }
  }
}

/** Number of labels that are 1. */
export function countPositives(labels: Labels): number {
  let positives = 0;
  for (let i = 0; i < labels.length; i++) positives += labels[i]!;
  return positives;
}

/** Number of labels that are 1. @throws InputError see {@link checkLabels}, or if all are the same. */
export function positivesOfBoth(labels: Labels): number {
  checkLabels(labels);
  const positives = countPositives(labels);
  if (positives === 0 || positives === labels.length) {
    throw new InputError(`all ${labels.length} labels are ${labels[0]}`, {
      field: "label",
      remedy: "Give trials of both outcomes: there is nothing to rank otherwise",
    });
  }
  return positives;
}

/** The fold of each trial, from 0: every fold gets its share of both outcomes. */
export function stratifiedFolds(labels: Labels, folds: number, random: Random): Int32Array {
  const result = new Int32Array(labels.length);
  const order = random.permutation(labels.length);
  let dealt = 0;
  for (const outcome of [0, 1])
    for (const row of order) if (labels[row] === outcome) result[row] = dealt++ % folds;
  return result;
}

/** The rows outside a fold, to fit on, and those inside it, which stay unseen. */
export function splitAtFold(
  folds: Int32Array,
  held: number,
): { known: number[]; unseen: number[] } {
  const [known, unseen] = [[], []] as [number[], number[]];
  folds.forEach((fold, row) => {
    (fold === held ? unseen : known).push(row);
  });
  return { known, unseen };
}
