import assert from "node:assert/strict";
import { test } from "node:test";
import { auditPaths, temporaryFolder, topCsv, trials, writeFolder } from "./test-support.js";

const root = temporaryFolder();
const LONG =
  "Inclusion Criteria:\n\n  -  Adults with asthma who need an inhaler every day\n\n  -  No other disease of the lung, heart or kidney";
const SAME =
  "INCLUSION criteria:\n* adults with asthma who need an inhaler every day\n* no other disease of the lung, heart or kidney";

const criteriaOf = (folder: string, test: string) =>
  auditPaths(
    writeFolder(root, folder, {
      "phase_I_train.csv": topCsv([
        ...trials([1], 1, { criteria: LONG }),
        ...trials([2], 0, { criteria: "Healthy adults" }),
      ]),
      "phase_I_test.csv": topCsv([
        ...trials([3], 0, { criteria: test }),
        ...trials([4], 1, { criteria: "Healthy adults" }),
      ]),
    }),
  ).filter(({ check }) => check === "shared-criteria");

test("the same words under another NCT id, whatever their layout and case", () => {
  const [finding, ...more] = criteriaOf("same", SAME);
  assert.deepEqual(more, []);
  assert.equal(finding?.severity, "warning");
  assert.equal(
    finding.found,
    "of test, 1 trial with the very criteria of another trial in train, 0 with its label",
  );
  assert.deepEqual(finding.examples, ["NCT00000003 as NCT00000001"]);
});

test("other words, and texts too short to tell, are no finding", () => {
  assert.deepEqual(criteriaOf("other", SAME.replace("kidney", "liver")), []);
});
