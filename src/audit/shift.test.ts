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

test("shares of successes that differ, and in which order the splits lie", () => {
  const folder = writeFolder(root, "shifted", {
    "phase_I_train.csv": topCsv(trials(range(1, 25), 15)),
    "phase_I_valid.csv": topCsv(trials(range(101, 25), 8)),
    "phase_I_test.csv": topCsv(trials(range(201, 25), 15)),
  });
  const findings = auditPaths(folder);
  assert.deepEqual(foundBy("prevalence-shift", findings), [
    [
      "warning",
      "phase I",
      "successes are .600 of train, .320 of valid, .600 of test; at the 5 % level these differ: " +
        "train and valid (z = 2.0), valid and test (z = -2.0)",
    ],
  ]);
  assert.deepEqual(foundBy("time-shift", findings), [
    [
      "note",
      "phase I",
      "pairs of a held-out and a training trial in which the held-out one was registered later: 100 % for valid, 100 % for test",
    ],
  ]);
});

test("the same share, and splits in the wrong order", () => {
  const folder = writeFolder(root, "backwards", {
    "phase_I_train.csv": topCsv(trials(range(101, 20), 10)),
    // 3 trials of 20 come later: 15 % of the pairs.
    "phase_I_test.csv": topCsv(trials([...range(1, 17), ...range(201, 3)], 10)),
  });
  const findings = auditPaths(folder);
  assert.deepEqual(foundBy("prevalence-shift", findings), [
    [
      "note",
      "phase I",
      "successes are .500 of train, .500 of test; at the 5 % level these do not differ: train and test (z = 0.0)",
    ],
  ]);
  assert.deepEqual(
    foundBy("time-shift", findings).map(([severity, , found]) => [severity, found?.slice(-14)]),
    [["warning", " 15 % for test"]],
  );
});
