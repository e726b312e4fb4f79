import assert from "node:assert/strict";
import { test } from "node:test";
import {
  auditPaths,
  foundBy,
  range,
  temporaryFolder,
  topCsv,
  trials,
  writeFolder,
} from "./test-support.js";

const root = temporaryFolder();

test("labels that are missing or one-sided", () => {
  const folder = writeFolder(root, "faults", {
    "phase_I_train.csv": topCsv([...trials([1, 2], 1), ...trials([3], 1, { label: "" })]),
    "phase_I_valid.csv": topCsv(trials([4, 5], 2)),
    "phase_I_test.csv": topCsv(trials([6, 7], 0)),
    "successful.csv": topCsv(trials([8, 9], 2)),
  });
  const findings = auditPaths(folder);
  assert.deepEqual(foundBy("missing-labels", findings), [
    ["warning", "phase I", "without a label: 1 of 3 trials (33 %) of train"],
  ]);
  assert.deepEqual(foundBy("one-sided-labels", findings), [
    ["warning", "phase I", "all 2 labels of valid are 1"],
    ["warning", "phase I", "all 2 labels of test are 0"],
  ]);
});

test("the F1 of always success", () => {
  const folder = writeFolder(root, "f1", {
    "phase_III_train.csv": topCsv(trials(range(1, 4), 2)),
    // Precision 3 / 4 and recall 1: F1 = 2 · 0.75 / 1.75.
    "phase_III_test.csv": topCsv(trials(range(11, 4), 3)),
  });
  const findings = auditPaths(folder);
  assert.deepEqual(foundBy("degenerate-f1", findings), [
    ["note", "phase III", 'F1 of "always success": .857 on test, where .750 succeed'],
  ]);
  for (const check of ["missing-labels", "one-sided-labels"])
    assert.deepEqual(foundBy(check, findings), []);
});
