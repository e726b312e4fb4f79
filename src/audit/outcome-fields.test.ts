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

test("how well status and why_stop tell the label", () => {
  const folder = writeFolder(root, "told", {
    "phase_I_train.csv": topCsv([
      ...trials(range(1, 10), 8),
      ...trials(range(11, 10), 1, { status: "terminated", why_stop: "no effect" }),
    ]),
    "phase_I_test.csv": topCsv(trials(range(21, 2), 1, { status: "terminated" })),
  });
  // status: completed 8 of 10 succeed, terminated 2 of 12. Successes 8 + 2, failures 2 + 10:
  // AUC = (8 · 10 + (8 · 2 + 2 · 10) / 2) / (10 · 12) = 98 / 120.
  // why_stop: empty 9 of 12 succeed, filled 1 of 10. Successes 9 + 1, failures 3 + 9:
  // AUC = (9 · 9 + (9 · 3 + 1 · 9) / 2) / (10 · 12) = 99 / 120.
  assert.deepEqual(foundBy("outcome-fields", auditPaths(folder)), [
    [
      "warning",
      "phase I",
      'failures where status is "terminated": 9 of 10 in train, 1 of 2 in test; ROC-AUC of this column alone: .817',
    ],
    [
      "warning",
      "phase I",
      'failures where why_stop is "filled": 9 of 10 in train; ROC-AUC of this column alone: .825',
    ],
  ]);
});

test("columns that say nothing of the label are no finding", () => {
  const folder = writeFolder(root, "untold", {
    "phase_I_train.csv": topCsv([
      ...trials(range(1, 10), 5),
      ...trials(range(11, 10), 5, { status: "terminated" }),
    ]),
  });
  assert.deepEqual(foundBy("outcome-fields", auditPaths(folder)), []);
  assert.deepEqual(foundBy("later-fields", auditPaths(folder)), []);
});

test("fields of what came after the start are noted", () => {
  const folder = writeFolder(root, "later", {
    "phase_I_train.csv": topCsv([
      ...trials([1, 2, 3], 2, { completion_date: "2010-01", criteria: "Adults\nof an age" }),
      ...trials([4], 0, { completion_date: "" }),
    ]),
    "studies.ndjson": [
      { hasResults: true, whyStopped: "a", note: '"whyStopped": "in words"' },
      { hasResults: false, whyStopped: "b" },
    ]
      .map(({ whyStopped, note, ...study }, i) =>
        JSON.stringify({
          protocolSection: {
            identificationModule: { nctId: `NCT0000000${i}` },
            statusModule: { whyStopped },
            eligibilityModule: { eligibilityCriteria: note ?? "Adults" },
            conditionsModule: { conditions: ["Asthma"] },
            designModule: { phases: ["PHASE1"] },
          },
          ...study,
        }),
      )
      .join("\n"),
  });
  assert.deepEqual(foundBy("later-fields", auditPaths(folder)), [
    ["note", "phase I", "fields in train of what came after the start: completion_date (3)"],
    [
      "note",
      "studies.ndjson",
      "fields in studies.ndjson of what came after the start: whyStopped (2), hasResults (1)",
    ],
  ]);
});
