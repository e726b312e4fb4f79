import assert from "node:assert/strict";
import { test } from "node:test";
import {
  auditPaths,
  foundBy,
  temporaryFolder,
  topCsv,
  trials,
  writeFolder,
} from "./test-support.js";

const root = temporaryFolder();
const ASPIRIN = "CC(=O)OC1=CC=CC=C1C(O)=O";
const given = (drugs: readonly string[], smiles: readonly string[]) => ({
  drugs: `[${drugs.map((name) => `'${name}'`).join(", ")}]`,
  smiless: `[${smiles.map((one) => `'${one}'`).join(", ")}]`,
});

test("one SMILES for several drugs is a placeholder", () => {
  const folder = writeFolder(root, "placeholder", {
    "phase_I_train.csv": topCsv(
      ["aspirin", "ibuprofen", "warfarin", "metformin"].flatMap((name, i) =>
        trials([i], i % 2, given([name], ["C"])),
      ),
    ),
    "phase_I_test.csv": topCsv([
      ...trials([10], 1, given(["docetaxel", "gemcitabine"], ["C", "C"])),
      ...trials([11], 0, given(["aspirin"], [ASPIRIN])),
    ]),
  });
  assert.deepEqual(foundBy("placeholder-molecules", auditPaths(folder)), [
    [
      "warning",
      "phase I",
      "a molecule that stands for several drugs: 4 of 4 trials (100 %) of train, 1 of 2 trials (50 %) of test; " +
        'most often "C" in 5 trials, for 6 names, 5 of them of another drug or of none',
    ],
  ]);
});

test("brands, doses and combinations of one drug are no placeholder", () => {
  const names = [
    ...["aspirin", "acetylsalicylic acid", "aspirin 100 mg", "aspirin + warfarin", "oral aspirin"],
    ...["aspirin tablets", "aspirin and ibuprofen"],
  ];
  const folder = writeFolder(root, "one-drug", {
    "phase_I_train.csv": topCsv(
      names.flatMap((name, i) => trials([i], i % 2, given([name], [ASPIRIN]))),
    ),
  });
  const findings = auditPaths(folder);
  for (const check of ["placeholder-molecules", "non-drug-molecules", "list-lengths"])
    assert.deepEqual(foundBy(check, findings), []);
});

test("placebos with a molecule, and lists of different lengths", () => {
  const folder = writeFolder(root, "faults", {
    "phase_I_train.csv": topCsv([
      ...trials([1], 1, given(["aspirin", "placebo"], [ASPIRIN, "C"])),
      ...trials([2], 0, given(["aspirin", "warfarin"], [ASPIRIN])),
      ...trials([3], 0, given(["aspirin"], [ASPIRIN])),
    ]),
    // Drafts without SMILES are at no fault.
    "drafts.csv": topCsv(trials([4], 1, given(["aspirin"], []))),
  });
  const findings = auditPaths(folder);
  assert.deepEqual(foundBy("non-drug-molecules", findings), [
    [
      "warning",
      "phase I",
      "a molecule for a placebo, vehicle or procedure: 1 of 3 trials (33 %) of train",
    ],
  ]);
  assert.deepEqual(foundBy("list-lengths", findings), [
    ["warning", "phase I", "drugs and smiless differ in length: 1 of 3 trials (33 %) of train"],
  ]);
});
