import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { readBytes, sha256 } from "../base/file.js";
import { writeModel } from "../model/index.js";
import { madeUpCell } from "../report/test-support.js";
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
  "phase_I_train.csv": topCsv(trials([1, 2], 1)),
  "phase_I_test.csv": topCsv([
    ...trials([3, 4], 1, { drugs: "['aspirin']" }),
    ...trials([5], 0, { drugs: "['ibuprofen', 'aspirin']" }),
    ...trials([6], 1, { drugs: "['warfarin']" }),
  ]),
  "successful.csv": topCsv(trials([50, 51], 2)),
});
const test1 = sha256(readBytes(join(data, "phase_I_test.csv")));

/** A run of `pretrain` on trials, which excluded the drugs of the files with these hashes. */
function pretrainRun(
  name: string,
  ids: readonly number[],
  excluded?: Record<string, string>,
  idOf = nctId,
) {
  const folder = writeFolder(root, name, {
    "config.json": JSON.stringify({
      settings: { excludeDrugs: excluded !== undefined },
      data: excluded ?? { "phase_I_test.csv": test1 },
    }),
  });
  const tensor = { shape: [1], data: Float32Array.of(1) };
  writeModel(folder, "base", { trials: ids.map(idOf) }, new Map([["a", tensor]]), "F32");
  return folder;
}

test("a run that saw test trials is a leak, one that saw training trials a warning", () => {
  const run = pretrainRun("seen", [1, 4, 50]);
  assert.deepEqual(foundBy("pretrained-trials", auditPaths(data, run)), [
    ["leak", run, "it has seen 1 of 4 trials (25 %) of phase I test"],
    ["warning", run, "it has seen 1 of 2 trials (50 %) of phase I train"],
  ]);
  assert.deepEqual(foundBy("pretrained-trials", auditPaths(data, pretrainRun("new", [50]))), []);
  const lower = pretrainRun("lower", [4], undefined, (id) => nctId(id).toLowerCase());
  assert.deepEqual(foundBy("pretrained-trials", auditPaths(data, lower)), [
    ["leak", lower, "it has seen 1 of 4 trials (25 %) of phase I test"],
  ]);
});

test("drugs of test trials in a run are a warning, and a leak where it says that they are not", () => {
  const drugs = (folder: string) => foundBy("pretrained-drugs", auditPaths(data, folder));
  const found =
    "it has 1 of 3 molecules (33 %) of phase I test, one or more in 3 of 4 trials (75 %)";
  const some = pretrainRun("some", [50, 60]);
  assert.deepEqual(drugs(some), [
    ["warning", some, `${found} (by 1 of its 2 trials, which the files given hold)`],
  ]);
  const other = pretrainRun("other", [50], { "other.csv": sha256("other") });
  assert.deepEqual(drugs(other), [["warning", other, found]]);
  const claims = pretrainRun("claims", [50], { "phase_I_test.csv": test1 });
  assert.deepEqual(drugs(claims), [
    ["leak", claims, `${found}, although it says that it excludes them`],
  ]);
  assert.deepEqual(drugs(pretrainRun("unknown", [60])), []);
});

test("scored trials in the bases of a benchmark are a leak, told once where bases have seen the same", () => {
  const { result } = madeUpCell(
    { task: "zero-shot", dataset: "phase-1", method: "ours", title: "Ours", seed: 1, strength: 1 },
    30,
  );
  const figures = { ...result.figures, n: 2, positives: 1 };
  const cell = { ...result, id: "1", scored: "phase_I_test.csv", figures };
  const folder = writeFolder(root, "benchmark", {
    "results.ndjson": `${JSON.stringify(cell)}\n`,
    "predictions/1.json": JSON.stringify({
      trials: [3, 4].map(nctId),
      labels: [1, 0],
      scores: [0.4, 0.6],
      areProbabilities: true,
    }),
    "bases/d/table.json": "[]", // without pre-training
    "bases/e/pretraining/config.json": "{}", // not finished
  });
  const base = (id: string, ids: readonly number[]) =>
    pretrainRun(`benchmark/bases/${id}/pretraining`, ids);
  const seen = base("a", [1, 4]);
  base("b", [1, 4]);
  base("c", [50]);
  const scored = () => foundBy("pretrained-scored", auditPaths(folder));
  const leak = [
    "leak",
    seen,
    `it has seen 1 of 2 trials (50 %) scored of phase_I_test.csv in ${folder}`,
  ];
  assert.deepEqual(scored(), [leak]);
  assert.deepEqual(foundBy("pretrained-trials", auditPaths(folder, data)), [
    ["leak", seen, "it has seen 1 of 4 trials (25 %) of phase I test"],
    ["warning", seen, "it has seen 1 of 2 trials (50 %) of phase I train"],
  ]);
  writeFileSync(join(seen, "base.json"), "{}");
  assert.deepEqual(scored(), [[leak[0], seen.replace("/a/", "/b/"), leak[2]]]);
  assert.equal(foundBy("unread-files", auditPaths(folder)).length, 1);
});

test("Successful Clinical Trials are audited as a pre-training", () => {
  const study = (id: number, drug: string) =>
    JSON.stringify({
      protocolSection: {
        identificationModule: { nctId: nctId(id) },
        eligibilityModule: { eligibilityCriteria: "Adults" },
        conditionsModule: { conditions: ["Asthma"] },
        designModule: { phases: ["PHASE3"] },
        armsInterventionsModule: { interventions: [{ type: "DRUG", name: drug }] },
      },
    });
  const sct = writeFolder(root, "sct", {
    "card.json": JSON.stringify({ settings: { excludeDrugs: false, before: null }, data: {} }),
  });
  const lines = [study(3, "Warfarin"), study(70, "Metformin")].join("\n");
  writeFileSync(join(sct, "trials.ndjson.gz"), gzipSync(lines));
  const findings = auditPaths(data, sct);
  assert.deepEqual(foundBy("pretrained-trials", findings), [
    ["leak", sct, "it has seen 1 of 4 trials (25 %) of phase I test"],
  ]);
  assert.deepEqual(foundBy("pretrained-drugs", findings), [
    [
      "warning",
      sct,
      "it has 1 of 3 molecules (33 %) of phase I test, one or more in 1 of 4 trials (25 %)",
    ],
  ]);
});
