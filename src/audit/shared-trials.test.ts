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

test("a trial in two splits of one phase is a leak, in two phases a warning", () => {
  const folder = writeFolder(root, "shared", {
    "phase_I_train.csv": topCsv(trials(range(1, 6), 3)),
    "phase_I_test.csv": topCsv(trials([4, 5, 20], 2)),
    "phase_II_train.csv": topCsv(trials([1, 30], 1)),
    "phase_II_valid.csv": topCsv(trials([2, 31], 1)),
  });
  const findings = auditPaths(folder);
  assert.deepEqual(foundBy("shared-trials", findings), [
    ["leak", "phase I", "in train and in test: 2 trials, 2 with different labels"],
  ]);
  assert.deepEqual(findings.find(({ check }) => check === "shared-trials")?.examples, [
    "NCT00000004",
    "NCT00000005",
  ]);
  assert.deepEqual(foundBy("pooled-trials", findings), [
    [
      "warning",
      "phase I and phase II",
      "in phase I train and in phase II valid: 1 trial; in phase I train and in phase II train: 1 trial",
    ],
  ]);
  assert.deepEqual(foundBy("repeated-trials", findings), []);
});

test("a trial is the same in another letter case", () => {
  const folder = writeFolder(root, "cases", {
    "phase_I_train.csv": topCsv([...trials([1, 2], 1), { nctid: "nct00000002" }]),
    "phase_I_test.csv": topCsv([...trials([5, 6], 1), { nctid: " nct00000001" }]),
  });
  const findings = auditPaths(folder);
  const leak = ["leak", "phase I", "in train and in test: 1 trial"];
  assert.deepEqual(foundBy("shared-trials", findings), [leak]);
  assert.equal(foundBy("repeated-trials", findings).length, 1);
});

test("trials that are for fitting in both data sets are a note", () => {
  const folder = writeFolder(root, "fitting", {
    "phase_I_train.csv": topCsv(trials(range(1, 6), 3)),
    "successful.csv": topCsv(trials([1, 40], 2)),
  });
  assert.deepEqual(foundBy("pooled-trials", auditPaths(folder)), [
    ["note", "phase I and successful.csv", "in phase I train and in successful.csv: 1 trial"],
  ]);
});

test("a trial twice in one file", () => {
  const folder = writeFolder(root, "repeated", {
    "phase_I_train.csv": topCsv([...trials([1, 2, 3], 3), ...trials([2], 0), ...trials([3], 1)]),
  });
  assert.deepEqual(foundBy("repeated-trials", auditPaths(folder)), [
    ["warning", "phase I", "repeated in train: 2 trials, 1 with different labels"],
  ]);
});
