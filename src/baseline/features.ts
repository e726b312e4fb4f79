import { InputError } from "../base/error.js";
import { FINGERPRINT_BITS } from "../drug/index.js";
import { MOLECULE_WIDTH } from "../model/index.js";
import { columnMoments, denseRows } from "../shallow/index.js";
import { PHASES } from "../trial/index.js";
import type { BaselineTrial } from "./baseline.js";

/** Trials as vectors of one length, row after row: x [rows, columns]. */
export interface FeatureRows {
  readonly x: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/** How trials become vectors; learned from training trials, without a label. */
export interface Features {
  /**
   * @param missing what stands for the molecules of a trial that has none, and for the diseases of one
   *   that has none known from training
   */
  rowsOf(trials: readonly BaselineTrial[], missing?: number): FeatureRows;
}

/**
 * The feature vector of the supervised baselines, of four blocks: molecules, diseases, phase and text.
 * The molecules of a trial are pooled: of fingerprints the greatest (a substructure that any molecule
 * has), of descriptors the mean. Diseases and phase are 1 or 0 for every token that a training trial
 * has, the text is its mean hidden states. Columns that do not vary over the training trials are left out.
 * @throws InputError if none does
 */
export function fitFeatures(training: readonly BaselineTrial[]): Features {
  const known = [...new Set(training.flatMap(({ features }) => features.diseases))].sort();
  const tokens = new Map(known.map((token, column) => [token, column]));
  const whole = training.map((trial) => vectorOf(trial, tokens, 0));
  const kept = Int32Array.from(whole[0]?.keys() ?? []).filter((c) =>
    whole.some((vector) => vector[c] !== whole[0]![c]),
  );
  if (kept.length === 0)
    throw new InputError("all training trials are the same", {
      remedy: "Give trials that differ in drugs, diseases, phase or criteria",
    });
  const columns = kept.length;
  return {
    rowsOf(trials, missing = 0) {
      const x = new Float32Array(trials.length * columns);
      trials.forEach((trial, row) => {
        const vector = vectorOf(trial, tokens, missing);
        for (let c = 0; c < columns; c++) x[row * columns + c] = vector[kept[c]!]!;
      });
      return { x, rows: trials.length, columns };
    },
  };
}

function vectorOf(
  { features, states }: BaselineTrial,
  tokens: ReadonlyMap<string, number>,
  missing: number,
): Float32Array {
  const diseases = features.diseases.flatMap((token) => tokens.get(token) ?? []);
  const phases = MOLECULE_WIDTH + tokens.size;
  const vector = new Float32Array(phases + PHASES.length + states.length);
  vector.set(poolMolecules(features.vectors, missing));
  if (diseases.length === 0) vector.fill(missing, MOLECULE_WIDTH, phases);
  for (const column of diseases) vector[MOLECULE_WIDTH + column] = 1;
  vector[phases + PHASES.indexOf(features.phase)] = 1;
  vector.set(states, phases + PHASES.length);
  return vector;
}

function poolMolecules(molecules: readonly Float32Array[], missing: number): Float32Array {
  const pooled = new Float32Array(MOLECULE_WIDTH);
  if (molecules.length === 0) return pooled.fill(missing);
  for (const molecule of molecules) {
    for (let i = 0; i < FINGERPRINT_BITS; i++) pooled[i] = Math.max(pooled[i]!, molecule[i]!);
    for (let i = FINGERPRINT_BITS; i < MOLECULE_WIDTH; i++)
      pooled[i]! += molecule[i]! / molecules.length;
  }
  return pooled;
}

/** Row `row` of x. */
export const rowOf = ({ x, columns }: FeatureRows, row: number): Float32Array =>
  x.subarray(row * columns, (row + 1) * columns);

/** Brings columns to mean 0 and standard deviation 1 of the training rows; one that is constant, to 0. */
export function fitStandardisation(training: FeatureRows): (rows: FeatureRows) => FeatureRows {
  const { mean, deviation } = columnMoments(
    denseRows(Array.from({ length: training.rows }, (_, row) => rowOf(training, row))),
  );
  return ({ x, rows, columns }) => ({
    x: x.map((value, i) => {
      const column = i % columns;
      return deviation[column]! > 0 ? (value - mean[column]!) / deviation[column]! : 0;
    }),
    rows,
    columns,
  });
}
