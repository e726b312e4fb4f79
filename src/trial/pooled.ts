import type { Watcher } from "../base/watcher.js";
import type { TrialRecord } from "./record.js";

/**
 * Training trials of all files. Splits of different phases share trials (32 of TOP's phase I training
 * trials validate phase II): of several files, each trial is kept once, and none that validates.
 */
export function pooled(
  files: readonly (readonly TrialRecord[])[],
  others: readonly TrialRecord[],
  watcher: Watcher,
): readonly TrialRecord[] {
  const [only, ...more] = files;
  if (more.length === 0) return only!; // what is wrong with one split is refused, not mended
  const known = new Set(others.map(({ trial }) => trial.nctId));
  const all = files.flat();
  const kept = all.filter(({ trial }) => {
    const isNew = !known.has(trial.nctId);
    known.add(trial.nctId);
    return isNew;
  });
  if (kept.length < all.length)
    watcher.say(
      `${all.length - kept.length} training trials are left out: they stand in another file, too.`,
    );
  return kept;
}
