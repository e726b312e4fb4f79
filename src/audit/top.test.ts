import assert from "node:assert/strict";
import { test } from "node:test";
import { dataPath, needsData } from "../base/test-data.js";
import { auditPaths, foundBy } from "./test-support.js";

test(
  "what is known about TOP",
  needsData("top/phase_I_test.csv", "top/phase_II_valid.csv", "top/phase_III_valid.csv"),
  () => {
    const findings = auditPaths(dataPath("top"));
    assert.deepEqual(
      findings.filter(({ severity }) => severity === "leak"),
      [],
    );
    const saysOf = (check: string, subject: string, text: RegExp) =>
      assert.ok(
        foundBy(check, findings).some(([, place, found]) => place === subject && text.test(found!)),
        `${check} ${subject}`,
      );
    saysOf("contents", "phase I", /^train: .* 1044 trials.* valid: .* 117 .* test: .* 627 trials/);
    saysOf("pooled-trials", "phase I and phase II", /in phase I train and in phase II valid: 32 t/);
    saysOf("outcome-fields", "phase I", /"terminated": .* 168 of 177 in test/);
    // Alogliptin, which placebos got.
    saysOf("placeholder-molecules", "phase III", /"CN1C\(=O\)C=C\(N2CCC\[C@@H\]\(N\)C2\)N/);
    saysOf("non-drug-molecules", "phase III", /132 of 344 trials \(38 %\) of valid/);
    saysOf("degenerate-f1", "phase I", /\.713 on test, where \.553 succeed/);
    saysOf("time-shift", "phase I", /99 % for test/);
    saysOf("shared-criteria", "phase III", /^of valid, 1 trial with the very criteria/);
  },
);
