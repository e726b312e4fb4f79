import type { Predictor } from "../serving/index.js";
import type { TrialRecord } from "../trial/record.js";

const PURPOSES = [
  ["training", "training"],
  ["validation", "validation"],
  ["pretraining", "pre-training"],
] as const;

/** Warns on standard error if the model has seen trials that it is asked about, or may have. */
export function warnOfSeen({ seen }: Predictor, records: readonly TrialRecord[]): void {
  const warn = (line: string) => process.stderr.write(`Warning: ${line}\n`);
  if (!seen) {
    warn("this older model does not list the trials it was fitted on: these may be among them");
    return;
  }
  const known = PURPOSES.map(([purpose, name]) => {
    const ids = new Set(seen[purpose]);
    return { name, rows: records.filter(({ trial }) => ids.has(trial.nctId)) };
  }).filter(({ rows }) => rows.length > 0);
  if (known.length === 0) return;
  const { size } = new Set(known.flatMap(({ rows }) => rows));
  warn(
    `the model has seen ${size} of these ${records.length} trials ` +
      `(${known.map(({ name, rows }) => `${rows.length} in ${name}`).join(", ")}): ` +
      "what it says of them does not show how well it predicts",
  );
}
