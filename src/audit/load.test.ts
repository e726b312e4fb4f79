import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { InputError } from "../base/error.js";
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

  const tensors = new Map([["a", { shape: [1], data: Float32Array.of(1) }]]);
  const run = join(root, "run");
  writeModel(run, "base", { seed: 1 }, tensors, "F32");
  refused(/base\.json, field "trials": invalid input/, run);
  writeModel(join(root, "model"), "model", { seed: 1 }, tensors, "F32");
  refused(/model\.json, field "data": invalid input/, join(root, "model"));
});
