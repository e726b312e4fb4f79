import assert from "node:assert/strict";
import { test } from "node:test";
import { placeOf } from "./trial-file.js";

test("names of files tell split and data set", () => {
  for (const [path, dataSet, role] of [
    ["top/phase_I_train.csv", "phase I", "train"],
    ["top/phase_II_train_partial.csv", "phase II", "train"],
    ["top/phase_III_valid.csv", "phase III", "valid"],
    ["Phase3-validation.csv", "phase III", "valid"],
    ["phase2/test.csv", "phase II", "test"],
    ["phase_iv_testing.ndjson.gz", "phase IV", "test"],
    ["mine/train.csv", "mine", "train"],
    ["mine/asthma-dev.csv", "asthma", "valid"],
    ["mine/train/trials.csv", "mine", "train"],
    ["mine/validation/trials.csv", "mine", "valid"],
    ["mine/test/phase_II.csv", "phase II", "test"],
    ["phase-1/Valid/part-1.ndjson", "phase I", "valid"],
    ["mine/train/test.csv", "train", "test"],
    ["mine/latest/trials.csv", "trials.csv", "other"],
    ["mine/test-runs/trials.csv", "trials.csv", "other"],
    ["top/other_successful.csv", "other_successful.csv", "other"],
    ["latest_trials.json", "latest_trials.json", "other"],
    ["phase_I_latest.csv", "phase_I_latest.csv", "other"],
  ])
    assert.deepEqual(placeOf(path!), { dataSet, role });
});
