import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { readBytes, sha256 } from "../base/file.js";
import { writeModel } from "../model/index.js";
import {
  auditPaths,
  foundBy,
  temporaryFolder,
  topCsv,
  trials,
  writeFolder,
} from "./test-support.js";

const root = temporaryFolder();
const data = writeFolder(root, "data", {
  "phase_I_train.csv": topCsv(trials([1, 2, 11], 1)),
  "phase_I_valid.csv": topCsv(trials([3, 4], 1)),
  "phase_I_test.csv": topCsv(trials([5, 6], 1)),
  "phase_II_test.csv": topCsv(trials([11, 12], 1)),
});

/** What is found of a model that was fitted on these files. */
function fittedOn(...names: string[]): string[][] {
  const run = join(root, `fitted-${names.join("-")}`);
  const hashes = names.map((name) => [name, sha256(readBytes(join(data, name)))]);
  const tensor = { shape: [1], data: Float32Array.of(1) };
  const card = { data: Object.fromEntries(hashes) };
  writeModel(join(run, "model"), "model", card, new Map([["a", tensor]]), "F32");
  return foundBy("fitted-on-test", auditPaths(data, run)).map(([severity, , found]) => [
    severity!,
    found!,
  ]);
}

test("a model chosen on test is a leak; one fitted on another phase's test trials a warning", () => {
  assert.deepEqual(fittedOn("phase_I_valid.csv"), []);
  assert.deepEqual(fittedOn("phase_I_valid.csv", "phase_I_test.csv"), [
    ["leak", "it was fitted or chosen on 2 of 2 trials (100 %) of phase I test"],
  ]);
  assert.deepEqual(fittedOn("phase_I_train.csv", "phase_I_valid.csv"), [
    ["warning", "it was fitted or chosen on 1 of 2 trials (50 %) of phase II test"],
  ]);
});
