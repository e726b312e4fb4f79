import assert from "node:assert/strict";
import { test } from "node:test";
import { InputError } from "../base/error.js";
import { FINGERPRINT_BITS } from "../drug/index.js";
import { MOLECULE_WIDTH, type TrialFeatures } from "../model/index.js";
import type { BaselineTrial } from "./baseline.js";
import { fitFeatures, fitStandardisation, rowOf } from "./features.js";

/** A molecule with some bits of its fingerprint set and one first descriptor. */
function molecule(bits: number[], descriptor: number): Float32Array {
  const vector = new Float32Array(MOLECULE_WIDTH);
  for (const bit of bits) vector[bit] = 1;
  vector[FINGERPRINT_BITS] = descriptor;
  return vector;
}

const trial = (
  vectors: Float32Array[],
  diseases: string[],
  phase: TrialFeatures["phase"],
  states: number[],
): BaselineTrial => ({
  features: { nctId: "NCT1", phase, text: "", molecules: [], vectors, diseases, missing: [] },
  states: Float32Array.from(states),
  segments: [],
});

const training = [
  trial([molecule([0, 5], 2), molecule([5, 7], 4)], ["C00", "C34"], "1", [0.5, 9]),
  trial([], ["C00"], "2", [-0.5, 9]),
  trial([molecule([0], 1)], [], "2", [0, 9]),
];

test("molecules are pooled, diseases and phases marked, what never varies left out", () => {
  // Bits 0, 5, 7, the descriptor, C00, C34, phases 1 and 2, one hidden state.
  const { x, rows, columns } = fitFeatures(training).rowsOf(training);
  assert.deepEqual([rows, columns], [3, 9]);
  assert.deepEqual([...x.subarray(0, 9)], [1, 1, 1, 3, 1, 1, 1, 0, 0.5]);
  assert.deepEqual([...x.subarray(9, 18)], [0, 0, 0, 0, 1, 0, 0, 1, -0.5]);
  assert.deepEqual([...x.subarray(18)], [1, 0, 0, 1, 0, 0, 0, 1, 0]);
});

test("what is missing is marked as asked; a disease that no training trial has counts as none", () => {
  const strange = trial([], ["Z00"], "4", [1, 1]);
  const { x } = fitFeatures(training).rowsOf([strange], Number.NaN);
  assert.deepEqual([...x], [...Array(6).fill(Number.NaN), 0, 0, 1]);
});

test("training trials must differ", () => {
  assert.throws(() => fitFeatures([training[0]!, training[0]!]), InputError);
});

test("columns are standardised by the training rows alone", () => {
  const standardise = fitStandardisation({ x: Float32Array.of(1, 7, 3, 7), rows: 2, columns: 2 });
  const { x } = standardise({ x: Float32Array.of(1, 7, 3, 7, 6, 8), rows: 3, columns: 2 });
  assert.deepEqual([...x], [-1, 0, 1, 0, 4, 0]);
  assert.deepEqual([...rowOf({ x, rows: 3, columns: 2 }, 2)], [4, 0]);
});
