import assert from "node:assert/strict";
import { test } from "node:test";
import { cpu } from "../graph/index.js";
import { InferenceSession } from "../graph/runtime.js";
import { type Trial, trialOf } from "../trial/index.js";
import { loadPredictor, SHIPPED_MODEL } from "./predictor.js";

const DRUGS = [
  "Aspirin",
  "Metformin",
  "Ibuprofen",
  "Warfarin",
  "Caffeine",
  "Dexamethasone",
  "Imatinib",
];
const CONDITIONS = [
  "Asthma",
  "Type 2 Diabetes",
  "Breast Cancer",
  "Psoriasis",
  "Influenza",
  "Hypertension",
];

/** @param size from 1: of the criteria, and of the lists */
const trialOfSize = (size: number): Trial =>
  trialOf({
    phase: "2",
    conditions: CONDITIONS.slice(0, size),
    interventions: DRUGS.slice(0, size).map((name) => ({ type: "DRUG", name, otherNames: [] })),
    eligibilityCriteria: `Inclusion Criteria:\n${"- Age of 18 years or more\n".repeat(3 * size)}`,
  });

test("once warm, no question waits for a graph to be compiled", async (t) => {
  const predictor = await loadPredictor(SHIPPED_MODEL, cpu(1));
  const shares: number[] = [];
  await predictor.warmUp((share) => shares.push(share));
  assert.ok(shares.length > 10);
  assert.deepEqual(
    shares,
    shares.toSorted((a, b) => a - b),
  );
  assert.ok(shares[0] === 0 && shares.at(-1)! < 1);

  const { create } = InferenceSession;
  t.after(() => {
    InferenceSession.create = create;
  });
  let compiled = 0;
  InferenceSession.create = ((...args: Parameters<typeof create>) => {
    compiled++;
    return create(...args);
  }) as typeof create;
  const trials = Array.from({ length: 20 }, (_, i) => trialOfSize(i + 1));
  for (const trial of trials) await predictor.predict([trial]);
  await predictor.predict(trials);
  for (const size of [1, 4]) await predictor.explain(trialOfSize(size));
  assert.equal(compiled, 0);
  await predictor.release();

  // What counts them would tell.
  const cold = await loadPredictor(SHIPPED_MODEL, cpu(1));
  await cold.predict(trials.slice(0, 1));
  assert.ok(compiled > 0);
  await cold.release();
});
