import { type Check, inEachDataSet } from "./check.js";
import { examplesOf, figure, shareOf } from "./finding.js";
import { type AuditedTrial, idOf, isHeldOut, isLabelled } from "./input.js";
import type { Proportion } from "./proportion.js";

/** Successes among the labelled trials. */
export function prevalenceOf(trials: readonly AuditedTrial[]): Proportion {
  const labels = trials.flatMap(({ outcome }) => outcome.label ?? []);
  return { positives: labels.filter((label) => label === 1).length, n: labels.length };
}

/** F1 of "always success", whose precision is the prevalence and whose recall is 1. */
export const alwaysSuccessF1 = ({ positives, n }: Proportion): number =>
  (2 * positives) / (n + positives);

/** Trials of a split without a label. */
export const missingLabels: Check = {
  name: "missing-labels",
  why: "Nothing can be fitted or scored on them, and leaving them out may choose by outcome.",
  remedy: "Fill in the column label, and say by which rule trials are left out.",
  find: inEachDataSet(({ splits }) =>
    splits.filter(isLabelled).flatMap(({ role, trials }) => {
      const bare = trials.filter(({ outcome }) => outcome.label === undefined);
      return bare.length === 0
        ? []
        : [
            {
              severity: "warning",
              found: `without a label: ${shareOf(bare.length, trials.length, "trial")} of ${role}`,
              examples: examplesOf(bare.map(idOf)),
            },
          ];
    }),
  ),
};

/** Splits with one outcome only. */
export const oneSidedLabels: Check = {
  name: "one-sided-labels",
  why: "With one outcome there is nothing to rank, and PR-AUC and ROC-AUC are undefined.",
  remedy: "Give trials of both outcomes.",
  find: inEachDataSet(({ splits }) =>
    splits.filter(isLabelled).flatMap(({ role, trials }) => {
      const { positives, n } = prevalenceOf(trials);
      return n === 0 || (positives > 0 && positives < n)
        ? []
        : [
            {
              severity: "warning",
              found: `all ${n} labels of ${role} are ${positives === 0 ? 0 : 1}`,
              examples: [],
            },
          ];
    }),
  ),
};

/** What an F1 is worth on each held-out split. */
export const degenerateF1: Check = {
  name: "degenerate-f1",
  why: "An F1 up to that of always success can be had without looking at a trial.",
  remedy: "Judge by ROC-AUC and calibration, and print the row of always success beside every F1.",
  find: inEachDataSet(({ splits }) => {
    const texts = splits.filter(isHeldOut).flatMap(({ role, trials }) => {
      const prevalence = prevalenceOf(trials);
      return prevalence.positives === 0
        ? []
        : [
            `${figure(alwaysSuccessF1(prevalence))} on ${role}, where ${figure(prevalence.positives / prevalence.n)} succeed`,
          ];
    });
    return texts.length === 0
      ? []
      : [
          {
            severity: "note",
            found: `F1 of "always success": ${texts.join("; ")}`,
            examples: [],
          },
        ];
  }),
};
