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

test("bad rows are findings, and the audit goes on", () => {
  const folder = writeFolder(root, "rows", {
    "phase_I_train.csv": topCsv([
      ...trials([1, 2], 1),
      ...trials([3], 1, { phase: "phase 9" }),
      ...trials([4], 1, { criteria: " " }),
    ]),
    "notes.csv": "a,b\n1,2\n",
  });
  const findings = auditPaths(folder);
  assert.deepEqual(foundBy("malformed-rows", findings), [
    ["warning", "phase I", "left out: 1 of 4 rows (25 %) of train"],
  ]);
  const [row] = findings.filter(({ check }) => check === "malformed-rows");
  assert.match(row!.examples[0]!, /train\.csv, row 3, field "phase": is unknown: "phase 9"/);
  assert.deepEqual(foundBy("missing-criteria", findings), [
    ["warning", "phase I", "left out: 1 of 4 rows (25 %) of train"],
  ]);
  const [unread] = foundBy("unread-files", findings);
  assert.match(unread!.join(), /^warning,.*notes\.csv,.*lacks the columns nctid/);
});

test("studies without criteria are missing criteria, too", () => {
  const study = {
    protocolSection: {
      identificationModule: { nctId: "NCT00000001" },
      conditionsModule: { conditions: [] },
      designModule: {},
    },
  };
  const folder = writeFolder(root, "studies", {
    "studies.ndjson": `${JSON.stringify(study)}\n${JSON.stringify(study)}\n`,
  });
  assert.deepEqual(foundBy("missing-criteria", auditPaths(folder)), [
    ["warning", "studies.ndjson", "left out: 2 of 2 rows (100 %) of studies.ndjson"],
  ]);
});

test("trials in which nothing is found by name", () => {
  const emptyOf = (name: string, drugs: readonly string[]) =>
    foundBy(
      "empty-features",
      auditPaths(
        writeFolder(root, name, {
          "phase_I_train.csv": topCsv(
            drugs.flatMap((drug, i) => trials([i], i % 2, { drugs: `['${drug}']` })),
          ),
        }),
      ),
    );
  assert.deepEqual(emptyOf("full", ["aspirin", "warfarin"]), []);
  assert.deepEqual(emptyOf("sparse", ["aspirin", "xyzzynib", "warfarin"]), [
    [
      "note",
      "phase I",
      "no known molecule: 1 of 3 trials (33 %) of train; no ICD-10 code: 0 of 3 trials (0 %) of train",
    ],
  ]);
  assert.equal(emptyOf("empty", ["xyzzynib", "plughumab", "aspirin"])[0]?.[0], "warning");
});
