import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { readBytes, sha256 } from "../base/file.js";
import { writeModel } from "../model/index.js";
import { type SeenTrials, writeSeen } from "../training/seen.js";
import {
  auditPaths,
  foundBy,
  nctId,
  temporaryFolder,
  topCsv,
  trials,
  writeFolder,
} from "./test-support.js";

const root = temporaryFolder();
const FILES = {
  "phase_I_train.csv": [1, 2, 11],
  "phase_I_valid.csv": [3, 4],
  "phase_I_test.csv": [5, 6],
  "phase_II_test.csv": [11, 12],
};
type File = keyof typeof FILES;
const csv = (ids: readonly number[]) => topCsv(trials(ids, 1));
const data = writeFolder(
  root,
  "data",
  Object.fromEntries(Object.entries(FILES).map(([name, ids]) => [name, csv(ids)])),
);

let models = 0;
/** A run with a model that says what it was fitted on. */
function modelOf(names: readonly File[], seen?: Partial<SeenTrials>): string {
  const run = join(root, `run-${models++}`);
  const model = join(run, "model");
  const hashes = names.map((name) => [name, sha256(readBytes(join(data, name)))]);
  const lists = { pretraining: [], training: [], validation: [], ...seen };
  const card = {
    data: Object.fromEntries(hashes),
    ...(seen && { trials: sha256(writeSeen(model, lists)) }),
  };
  const tensor = { shape: [1], data: Float32Array.of(1) };
  writeModel(model, "model", card, new Map([["a", tensor]]), "F32");
  return run;
}
const found = (...paths: string[]) =>
  foundBy("fitted-on-test", auditPaths(...paths)).map(([severity, , what]) => [severity, what]);

const LEAK = ["leak", "it was fitted or chosen on 2 of 2 trials (100 %) of phase I test"];
const OTHER_PHASE = ["warning", "it was fitted or chosen on 1 of 2 trials (50 %) of phase II test"];

test("a model chosen on test is a leak; one fitted on another phase's test trials a warning", () => {
  for (const [names, expected] of [
    [["phase_I_valid.csv"], []],
    [["phase_I_valid.csv", "phase_I_test.csv"], [LEAK]],
    [["phase_I_train.csv", "phase_I_valid.csv"], [OTHER_PHASE]],
  ] as const) {
    const [validation = [], training = []] = names.map((name) => FILES[name].map(nctId)).reverse();
    assert.deepEqual(found(data, modelOf(names, { training, validation })), expected);
    // An older model is known by its files alone.
    assert.deepEqual(found(data, modelOf(names)), expected);
  }
});

test("seen trials are found in files that the model does not know", () => {
  const training = [1, 2, 3, 4, 5].map(nctId);
  const model = modelOf([], { training });
  const other = (name: string, ids: readonly number[]) =>
    join(writeFolder(root, `other-${name}`, { [name]: csv(ids) }), name);
  const one = "it was fitted or chosen on 1 of 3 trials (33 %) of";
  assert.deepEqual(found(other("mine_test.csv", [5, 8, 9]), model), [["leak", `${one} mine test`]]);
  assert.deepEqual(found(other("mine.csv", [5, 8, 9]), model), [["warning", `${one} mine.csv`]]);
  assert.deepEqual(found(other("unseen_test.csv", [8, 9]), model), []);
  const lower = modelOf([], { training: training.map((id) => id.toLowerCase()) });
  assert.deepEqual(found(other("mine_test.csv", [5, 8, 9]), lower), [["leak", `${one} mine test`]]);
  // Part of the training file of a data set given too, and still what it was fitted on.
  assert.deepEqual(
    found(data, other("part_test.csv", [1, 2]), model).filter(([, what]) => /part/.test(what!)),
    [["leak", "it was fitted or chosen on 2 of 2 trials (100 %) of part test"]],
  );
});

test("held-out trials in the pre-training of a model are a leak", () => {
  const model = modelOf([], { pretraining: [5, 20].map(nctId) });
  assert.deepEqual(found(data, model), []);
  assert.deepEqual(foundBy("pretrained-trials", auditPaths(data, model)), [
    ["leak", join(model, "model"), "it has seen 1 of 2 trials (50 %) of phase I test"],
  ]);
});
