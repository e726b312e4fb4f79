import assert from "node:assert/strict";
import { test } from "node:test";
import { ancestors } from "../disease/index.js";
import type { TrialFeatures } from "../model/index.js";
import type { Phase, Trial } from "../trial/index.js";
import { type DescribedTrial, groupTrials } from "./subgroups.js";

const featuresOf = (codes: string[], smiles: string[], phase: Phase = "1"): TrialFeatures => ({
  nctId: "NCT99000001",
  phase,
  text: "",
  molecules: smiles.map((one) => ({ name: one, smiles: one, from: "name" })),
  vectors: [],
  diseases: [...new Set(codes.flatMap(ancestors))],
  missing: [],
});

function described(
  features: TrialFeatures,
  {
    conditions = ["gout"],
    startDate,
    nctId = features.nctId,
  }: { conditions?: string[]; startDate?: string; nctId?: string } = {},
): DescribedTrial {
  const trial: Trial = {
    nctId,
    phase: features.phase,
    conditions,
    icd10: [],
    interventions: [],
    givenSmiles: [],
    eligibilityCriteria: "Adults",
  };
  return {
    features,
    record: {
      trial,
      outcome: { ...(startDate && { startDate }) },
      source: { file: "made up", row: 1 },
    },
  };
}

const training = [featuresOf(["C34.90", "J45"], ["CCO", "CCN"]), featuresOf(["C50"], [])];
const trials = [
  described(featuresOf(["C34.1", "E11"], ["CCC", "CCO"]), {
    startDate: "2014-03",
    nctId: "NCT02000000",
  }),
  described(featuresOf(["C33"], ["CCC"], "1/2"), { startDate: "2009" }),
  described(featuresOf([], []), { conditions: ["Healthy Volunteers"], nctId: "draft 3" }),
];
const groups = groupTrials(trials, training);

test("a trial counts in each of its chapters", () => {
  assert.deepEqual(
    [...groups.chapter],
    [
      ["C00-D49 Neoplasms", [0, 1]],
      ["E00-E89 Endocrine, nutritional and metabolic diseases", [0]],
      ["no ICD-10 chapter", [2]],
    ],
  );
});

test("phase labels, years, NCT numbers and healthy volunteers", () => {
  assert.deepEqual(
    [...groups.phase],
    [
      ["1", [0, 2]],
      ["1/2", [1]],
    ],
  );
  assert.deepEqual(
    [...groups.year],
    [
      ["2009", [1]],
      ["2014", [0]],
      ["unknown", [2]],
    ],
  );
  assert.deepEqual(
    [...groups["NCT number"]],
    [
      ["NCT02…", [0]],
      ["NCT99…", [1]],
      ["no NCT number", [2]],
    ],
  );
  assert.deepEqual(
    [...groups["healthy volunteers"]],
    [
      ["healthy volunteers", [2]],
      ["patients only", [0, 1]],
    ],
  );
});

test("new is what shares nothing with the training trials, at the level of the category", () => {
  assert.deepEqual(
    [...groups.disease],
    [
      ["known", [0]],
      ["new", [1]],
      ["no ICD-10 category", [2]],
    ],
  );
  assert.deepEqual(
    [...groups.drug],
    [
      ["known", [0]],
      ["new", [1]],
      ["no molecule", [2]],
    ],
  );
});

test("every trial is in exactly one group of each kind but the chapter", () => {
  for (const [kind, by] of Object.entries(groups)) {
    if (kind === "chapter") continue;
    assert.deepEqual([...by.values()].flat().sort(), [0, 1, 2], kind);
  }
});
