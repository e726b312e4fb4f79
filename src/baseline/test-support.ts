import { readFileSync } from "node:fs";
import type { Watcher } from "../base/watcher.js";
import { cpu } from "../graph/index.js";
import { madeUpTrial } from "../model/test-support.js";
import type { FitOptions, LabelledTrials } from "./baseline.js";
import type { FeatureRows } from "./features.js";
import { baselineTrial } from "./trial.js";

export const QUIET: Watcher = { report() {}, say() {}, stopping: () => false };
export const OPTIONS: FitOptions = { seed: 1, processor: cpu(1), watcher: QUIET };

/** Written by bench/reference/trees.py. */
interface Fixture {
  readonly columns: number;
  readonly train: number[];
  readonly labels: number[];
  readonly test: number[];
  readonly tree: number[];
  readonly adaBoost: number[];
  readonly boosting: number[];
  readonly holed: (number | null)[];
  readonly imputed: number[];
}
export const REFERENCE = JSON.parse(
  readFileSync(new URL("../../src/baseline/fixtures/trees.json", import.meta.url), "utf8"),
) as Fixture;

/** Rows of the reference, NaN where it has none. */
export function rowsOf(
  values: readonly (number | null)[],
  columns = REFERENCE.columns,
): FeatureRows {
  const x = Float32Array.from(values, (value) => value ?? Number.NaN);
  return { x, rows: x.length / columns, columns };
}

/**
 * Made-up trials of kinds 0, 1, … in turn. Odd ones are successful: chapter, drug and hidden states tell
 * by the kind, the text by a word.
 */
export function madeUp(count: number, key: string): LabelledTrials {
  const kinds = Array.from({ length: count }, (_, i) => i % KINDS);
  return {
    trials: kinds.map((kind, i) => {
      const { features, states } = madeUpTrial(kind, key, i);
      const word = kind % 2 === 1 ? "healthy volunteers" : "advanced carcinoma";
      return baselineTrial({ ...features, text: `adults, ${word}, number ${kind}` }, states);
    }),
    labels: kinds.map((kind) => kind % 2),
  };
}
const KINDS = 8;
