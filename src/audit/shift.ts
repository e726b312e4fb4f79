import { type Check, inEachDataSet } from "./check.js";
import { figure } from "./finding.js";
import { type AuditedTrial, idOf, isHeldOut, isLabelled, pairsOf } from "./input.js";
import { prevalenceOf } from "./labels.js";
import { SIGNIFICANT, twoProportionZ } from "./proportion.js";
import { rankTest } from "./rank-test.js";

/** Shares of successes that differ between splits. */
export const prevalenceShift: Check = {
  name: "prevalence-shift",
  why: "A threshold or calibration fitted at one share of successes is wrong at another, and PR-AUC and F1 move with it.",
  remedy: "Compare splits by ROC-AUC, and report PR-AUC and F1 beside the share of successes.",
  find: inEachDataSet(({ splits }) => {
    const rows = splits
      .filter(isLabelled)
      .map(({ role, trials }) => ({ role, ...prevalenceOf(trials) }))
      .filter(({ n }) => n > 0);
    if (rows.length < 2) return [];
    const pairs = pairsOf(rows).map(([one, other]) => ({
      title: `${one.role} and ${other.role}`,
      z: twoProportionZ(one, other),
    }));
    const differ = pairs.filter(({ z }) => Math.abs(z) >= SIGNIFICANT);
    const shares = rows.map(({ role, positives, n }) => `${figure(positives / n)} of ${role}`);
    const tests = (differ.length > 0 ? differ : pairs).map(
      ({ title, z }) => `${title} (z = ${z.toFixed(1)})`,
    );
    return [
      {
        severity: differ.length > 0 ? "warning" : "note",
        found:
          `successes are ${shares.join(", ")}; at the 5 % level ` +
          `${differ.length > 0 ? "these differ" : "these do not differ"}: ${tests.join(", ")}`,
        examples: [],
      },
    ];
  }),
};

/** How the splits lie in time. NCT ids are numbered in the order of registration. */
export const timeShift: Check = {
  name: "time-shift",
  why: "At 100 % the splits are in the order of time; at 50 % they know the time they are asked about, as random ones do; below, the future predicts the past.",
  remedy: "Split by time, training trials first, and compare only figures of the same split.",
  find: inEachDataSet(({ splits }) => {
    const earlier = splits.find(({ role }) => role === "train")?.trials.flatMap(numberOf) ?? [];
    const rows = splits.filter(isHeldOut).flatMap(({ role, trials }) => {
      const later = trials.flatMap(numberOf);
      if (earlier.length === 0 || later.length === 0) return [];
      const labels = [...earlier.map(() => 0), ...later.map(() => 1)];
      return [{ role, ...rankTest([{ labels, scores: [...earlier, ...later] }]) }];
    });
    if (rows.length === 0) return [];
    const shares = rows.map(({ role, share }) => `${Math.round(100 * share)} % for ${role}`);
    return [
      {
        severity: rows.some(({ z }) => z <= -SIGNIFICANT) ? "warning" : "note",
        found: `pairs of a held-out and a training trial in which the held-out one was registered later: ${shares.join(", ")}`,
        examples: [],
      },
    ];
  }),
};

function numberOf(trial: AuditedTrial): number[] {
  const digits = /^NCT(\d+)$/i.exec(idOf(trial))?.[1];
  return digits === undefined ? [] : [Number(digits)];
}
