import { groupBy } from "../base/group.js";
import { rocAuc } from "../evaluation/index.js";
import { type Check, inEachDataSet } from "./check.js";
import { examplesOf, figure } from "./finding.js";
import { type AuditedTrial, idOf, titleOf } from "./input.js";
import { prevalenceOf } from "./labels.js";
import { SIGNIFICANT, twoProportionZ } from "./proportion.js";

/** TOP's columns of what came after the start, with what they say of a trial. */
const COLUMNS: Readonly<Record<string, (trial: AuditedTrial) => string>> = {
  status: ({ outcome }) => outcome.status ?? "empty",
  why_stop: ({ outcome }) => (outcome.whyStopped === undefined ? "empty" : "filled"),
};

/** Columns whose value tells the label, and how well. */
export const outcomeFields: Check = {
  name: "outcome-fields",
  why: "They are filled when a trial ends, so a model that reads them has been told the answer.",
  remedy:
    "Never read them as features (cladmop reads criteria, drugs, conditions and phase alone).",
  find: inEachDataSet(({ splits }) =>
    Object.entries(COLUMNS).flatMap(([column, describe]) => {
      const trials = splits
        .flatMap((split) => split.trials)
        .filter(({ outcome }) => outcome.label !== undefined);
      const all = prevalenceOf(trials);
      const values = [...groupBy(trials, describe)].map(([value, own]) => {
        const rate = prevalenceOf(own);
        const rest = { positives: all.positives - rate.positives, n: all.n - rate.n };
        return { value, own, rate, z: rest.n === 0 ? 0 : Math.abs(twoProportionZ(rate, rest)) };
      });
      const [strongest] = values
        .filter(({ value, z }) => value !== "empty" && z >= SIGNIFICANT)
        // Of two values that divide the trials, the one that fails.
        .sort((a, b) => b.z - a.z || a.rate.positives / a.rate.n - b.rate.positives / b.rate.n);
      if (strongest === undefined) return [];
      const success = new Map(values.map(({ value, rate }) => [value, rate.positives / rate.n]));
      const auc = rocAuc(
        trials.map(({ outcome }) => outcome.label!),
        trials.map((trial) => success.get(describe(trial))!),
      );
      const failures = splits.flatMap((split) => {
        const own = split.trials.filter((trial) => describe(trial) === strongest.value);
        const { positives, n } = prevalenceOf(own);
        return n === 0 ? [] : [`${n - positives} of ${n} in ${titleOf(split)}`];
      });
      return [
        {
          severity: "warning",
          found:
            `failures where ${column} is "${strongest.value}": ${failures.join(", ")}; ` +
            `ROC-AUC of this column alone: ${figure(auc)}`,
          examples: examplesOf(strongest.own.map(idOf)),
        },
      ];
    }),
  ),
};

/** Other fields of what came after the start. */
export const laterFields: Check = {
  name: "later-fields",
  why: "Results, dates of completion and reasons for stopping are outcomes.",
  remedy: outcomeFields.remedy,
  find: inEachDataSet(({ splits }) =>
    splits.flatMap((split) =>
      split.files
        .filter((file) => file.laterFields.size > 0)
        .map((file) => ({
          severity: "note",
          found: `fields in ${titleOf(split)} of what came after the start: ${[...file.laterFields]
            .map(([field, count]) => `${field} (${count})`)
            .join(", ")}`,
          examples: [],
        })),
    ),
  ),
};
