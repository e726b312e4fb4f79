import { groupBy } from "../base/group.js";
import { type Check, inEachDataSet } from "./check.js";
import { counted, examplesOf } from "./finding.js";
import { type AuditedTrial, idOf, isHeldOut, pairsOf, type Split, titleOf } from "./input.js";

/** Trials that occur twice in one split. */
export const repeatedTrials: Check = {
  name: "repeated-trials",
  why: "A repeated trial counts twice, and may lie on both sides of a fold of cross-validation.",
  remedy: "Keep one row of each trial.",
  find: inEachDataSet(({ splits }) =>
    splits.flatMap((split) => {
      const repeated = [...groupBy(split.trials, idOf).values()].filter((same) => same.length > 1);
      if (repeated.length === 0) return [];
      const conflicts = repeated.filter((same) => new Set(same.map(labelOf)).size > 1).length;
      return [
        {
          severity: "warning",
          found: `repeated in ${titleOf(split)}: ${counted(repeated.length, "trial")}${conflicting(conflicts)}`,
          examples: examplesOf(repeated.map(([first]) => idOf(first!))),
        },
      ];
    }),
  ),
};

/** Trials in two splits of one data set. */
export const sharedTrials: Check = {
  name: "shared-trials",
  why: "A trial in two splits is scored by a model that was fitted or chosen on its label.",
  remedy: "Remove these trials from all splits but one.",
  find: inEachDataSet(({ splits }) =>
    pairsOf(splits).flatMap(([one, other]) => {
      const { ids, text } = shared(one, other, titleOf(one), titleOf(other));
      return ids.length === 0 ? [] : [{ severity: "leak", found: text, examples: examplesOf(ids) }];
    }),
  ),
};

/**
 * Trials in two data sets, such as the files of two phases: nothing leaks while each is used by itself.
 * Successful Clinical Trials have a check of their own.
 */
export const pooledTrials: Check = {
  name: "pooled-trials",
  why: "Where both are fitted on together, a trial that is held out in one is trained on in the other, or one counts twice.",
  remedy: "De-duplicate by NCT id before pooling, and take out every held-out trial.",
  find: ({ dataSets }) =>
    pairsOf(
      dataSets.filter(({ splits }) => splits.every(({ role }) => role !== "pre-training")),
    ).flatMap(([one, other]) => {
      const title = (set: string, split: Split) =>
        split.role === "other" ? titleOf(split) : `${set} ${split.role}`;
      const pairs = one.splits
        .flatMap((first) => other.splits.map((second) => [first, second] as const))
        .map(([first, second]) => ({
          ...shared(first, second, title(one.name, first), title(other.name, second)),
          // Held out in one place and free to be fitted on in another.
          leaks: isHeldOut(first) !== isHeldOut(second),
        }))
        .filter(({ ids }) => ids.length > 0)
        .sort((a, b) => Number(b.leaks) - Number(a.leaks));
      if (pairs.length === 0) return [];
      return [
        {
          severity: pairs[0]!.leaks ? ("warning" as const) : ("note" as const),
          subject: `${one.name} and ${other.name}`,
          found: pairs.map(({ text }) => text).join("; "),
          examples: examplesOf(pairs.flatMap(({ ids }) => ids)),
        },
      ];
    }),
};

/** The NCT ids that two splits share, and words that say so. */
function shared(
  one: Split,
  other: Split,
  oneTitle: string,
  otherTitle: string,
): { ids: string[]; text: string } {
  const known = new Map(one.trials.map((trial) => [idOf(trial), trial]));
  const both = other.trials.filter((trial) => known.has(idOf(trial)));
  const conflicts = both.filter((trial) => {
    const labels = [labelOf(trial), labelOf(known.get(idOf(trial))!)];
    return !labels.includes(undefined) && labels[0] !== labels[1];
  }).length;
  const ids = [...new Set(both.map(idOf))];
  return {
    ids,
    text: `in ${oneTitle} and in ${otherTitle}: ${counted(ids.length, "trial")}${conflicting(conflicts)}`,
  };
}

const labelOf = ({ outcome }: AuditedTrial) => outcome.label;

const conflicting = (count: number): string =>
  count === 0 ? "" : `, ${count} with different labels`;
