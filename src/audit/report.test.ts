import assert from "node:assert/strict";
import { test } from "node:test";
import type { Finding } from "./finding.js";
import { auditReport } from "./report.js";

const finding = (change: Partial<Finding>): Finding => ({
  check: "shared-trials",
  severity: "leak",
  subject: "phase I",
  found: "in train and in test: 2 trials",
  examples: ["NCT1", "NCT2"],
  why: "It tells.",
  remedy: "Remove them.",
  ...change,
});

test("a table for each subject, one of what the checks mean, and the sum", () => {
  const report = auditReport(
    [finding({}), finding({ subject: "phase II", examples: [] }), finding({ severity: "note" })],
    { width: 90, colour: false },
  );
  const lines = report.split("\n");
  assert.equal(lines.filter((line) => /│ check +│ phase I +│/.test(line)).length, 1);
  assert.equal(lines.filter((line) => /│ check +│ phase II +│/.test(line)).length, 1);
  assert.equal(lines.filter((line) => line.includes("e.g. NCT1, NCT2")).length, 2);
  assert.equal(lines.filter((line) => line.includes("It tells.")).length, 1);
  assert.equal(lines.filter((line) => line.includes("→ Remove them.")).length, 1);
  assert.equal(lines.at(-1), "2 leaks, 0 warnings, 1 note");
  assert.ok(lines.every((line) => line.length <= 90));
});
