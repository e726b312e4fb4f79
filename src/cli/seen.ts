import { type Predictor, SeenCounter } from "../serving/index.js";
import type { TrialRecord } from "../trial/record.js";

/** Warns on standard error if the model has seen trials that it is asked about, or may have. @returns the warning */
export function warnOfSeen(
  { seen }: Predictor,
  records: readonly TrialRecord[],
): string | undefined {
  const counter = new SeenCounter(seen);
  for (const { trial } of records) counter.add(trial.nctId);
  const warning = counter.warning();
  if (warning !== undefined) process.stderr.write(`Warning: ${warning}\n`);
  return warning;
}
