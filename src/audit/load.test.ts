import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { InputError } from "../base/error.js";
import { sha256 } from "../base/file.js";
import { writeModel } from "../model/index.js";
import { writeSeen } from "../training/seen.js";
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
const data = writeFolder(root, "data", {
  "phase_I_train.csv": topCsv(trials([1, 2, 3], 2)),
  "phase_I_test.csv": topCsv(trials([4, 5], 1)),
});

test("files and folders are audited together, each once", () => {
  const [contents] = foundBy(
    "contents",
    auditPaths(join(data, "phase_I_test.csv"), join(data, "phase_I_train.csv")),
  );
  assert.deepEqual(contents, [
    "note",
    "phase I",
    "train: phase_I_train.csv, 3 trials, 2 successful; test: phase_I_test.csv, 2 trials, 1 successful",
  ]);
  const findings = auditPaths(data, `${data}/`, join(data, "phase_I_test.csv"));
  assert.deepEqual(foundBy("contents", findings), [contents]);
  assert.deepEqual(foundBy("repeated-trials", findings), []);
});

test("folders in folders are read, whatever they hold", () => {
  const above = writeFolder(root, "above", {
    "phase_II/train.csv": topCsv(trials([7, 8], 1)),
    "phase_II/official/phase_II_test.csv": topCsv(trials([8, 9], 1)),
    ".hidden/phase_II_valid.csv": topCsv(trials([7], 1)),
    "language/checkpoint.json": "{}",
    "broken/phase_III_test.csv": "a,b\n1,2\n",
    "base/config.json": '{ "settings": { "excludeDrugs": false }, "data": {} }',
  });
  const tensors = new Map([["a", { shape: [1], data: Float32Array.of(1) }]]);
  writeModel(join(above, "base"), "base", { trials: [nctId(9)] }, tensors, "F32");
  const findings = auditPaths(above);
  assert.deepEqual(foundBy("shared-trials", findings)[0]?.slice(0, 2), ["leak", "phase II"]);
  assert.deepEqual(foundBy("contents", findings), [
    [
      "note",
      "phase II",
      "train: train.csv, 2 trials, 1 successful; test: phase_II_test.csv, 2 trials, 1 successful",
    ],
    ["note", join(above, "base"), "pre-trained on 1 trial"],
  ]);
  assert.deepEqual(foundBy("pretrained-trials", findings)[0]?.slice(0, 2), [
    "leak",
    join(above, "base"),
  ]);
  assert.deepEqual(
    foundBy("unread-files", findings).map(([, subject]) => subject),
    [join(above, "broken", "phase_III_test.csv")],
  );
});

test("files of the same name are told apart by their folders, which may tell the split, too", () => {
  const folders = writeFolder(root, "folders", {
    "train/trials.csv": topCsv(trials([1, 2, 3], 2)),
    "test/trials.csv": topCsv(trials([3, 4], 1)),
    "a/more.csv": topCsv(trials([11, 12], 1)),
    "b/more.csv": topCsv(trials([12, 13], 1)),
  });
  const findings = auditPaths(folders);
  assert.deepEqual(foundBy("contents", findings), [
    ["note", "a/more.csv", "other: a/more.csv, 2 trials, 1 successful"],
    ["note", "b/more.csv", "other: b/more.csv, 2 trials, 1 successful"],
    [
      "note",
      "folders",
      "train: train/trials.csv, 3 trials, 2 successful; test: test/trials.csv, 2 trials, 1 successful",
    ],
  ]);
  assert.deepEqual(foundBy("shared-trials", findings), [
    ["leak", "folders", "in train and in test: 1 trial, 1 with different labels"],
  ]);
  const [[, subject, found]] = foundBy("pooled-trials", findings) as [string[]];
  assert.equal(subject, "a/more.csv and b/more.csv");
  assert.match(found!, /^in a\/more\.csv and in b\/more\.csv: 1 trial/);
});

test("of everything is said what it is, with or without a data set beside it", () => {
  const model = join(root, "fitted");
  const tensors = new Map([["a", { shape: [1], data: Float32Array.of(1) }]]);
  const seen = { pretraining: [nctId(7)], training: [nctId(1), nctId(2)], validation: [] };
  const card = { data: {}, trials: sha256(writeSeen(model, seen)) };
  writeModel(model, "model", card, tensors, "F32");
  const old = join(root, "old");
  writeModel(old, "model", { data: { "train.csv": "00" } }, tensors, "F32");
  const what = "a model fitted on 2 trials and chosen on 0, pre-trained on 1";
  const alone = "; no data set was given to compare it with";
  assert.deepEqual(foundBy("contents", auditPaths(model, old)), [
    ["note", model, what + alone],
    ["note", old, `a model fitted on files whose trials it does not list: train.csv${alone}`],
  ]);
  assert.deepEqual(foundBy("contents", auditPaths(model, data))[1], ["note", model, what]);

  const bare = writeFolder(root, "bare", { "mine.csv": topCsv([{ nctid: "draft", label: "" }]) });
  assert.deepEqual(foundBy("contents", auditPaths(bare)), [
    ["note", "mine.csv", "other: mine.csv, 1 trial, no labels"],
  ]);
});

test("bad input is refused", () => {
  const refused = (message: RegExp, ...paths: string[]) =>
    assert.throws(
      () => auditPaths(...paths),
      (error) => error instanceof InputError && message.test(error.message),
    );
  refused(/absent: cannot be read/, join(root, "absent"));
  refused(/empty: holds no data set and no run/, writeFolder(root, "empty", { "a.txt": "" }));
  const other = writeFolder(root, "other", { "a.csv": "a,b\n1,2\n" });
  refused(/a\.csv: lacks the columns/, join(other, "a.csv"), data);
  refused(/a\.csv: lacks the columns/, other);
  const strange = writeFolder(root, "strange", {
    "x.json": '{"a":1}',
    "header.csv": topCsv([{ nctid: "NCT1" }]).split("\n")[0]!,
    "rows.csv": topCsv(trials([1, 2], 1, { phase: "phase 9" })),
  });
  refused(/x\.json, row 1, field "protocolSection": invalid input/, join(strange, "x.json"), data);
  refused(/header\.csv: holds no trial\. Give/, join(strange, "header.csv"));
  refused(/rows\.csv, row 1, field "phase": is unknown/, join(strange, "rows.csv"));

  const tensors = new Map([["a", { shape: [1], data: Float32Array.of(1) }]]);
  const run = join(root, "run");
  writeModel(run, "base", { seed: 1 }, tensors, "F32");
  refused(/base\.json, field "trials": invalid input/, run);
  writeModel(join(root, "model"), "model", { seed: 1 }, tensors, "F32");
  refused(/model\.json, field "data": invalid input/, join(root, "model"));
});
