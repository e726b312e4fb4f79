import assert from "node:assert/strict";
import { test } from "node:test";
import { dataPath, needsData } from "../base/test-data.js";
import { plainText } from "./blocks.js";
import { splitEligibility } from "./eligibility.js";
import { layout } from "./layout.js";
import { readTrials } from "./read.js";

/** The same criteria as an older export of the registry wraps them, and as its API v2 gives them. */
const WRAPPED = `
        Inclusion Criteria:

          -  Adults with a diagnosis of moderate asthma, made at least eighteen months before they
             - 3 litres of FEV1 or less - were first seen

          -  Adequate function:

               1. Platelets ≥ 100,000/mm3

               2. E. coli negative

        Exclusion Criteria:

          -  Pregnancy
      `;
const API = `Inclusion Criteria:

* Adults with a diagnosis of moderate asthma, made at least eighteen months before they - 3 litres of FEV1 or less - were first seen
* Adequate function:

    1. Platelets \\≥ 100,000/mm3
    2. E. coli negative

Exclusion Criteria:

* Pregnancy`;

test("both layouts of the registry give the same statements, plain text and figures", () => {
  assert.deepEqual(splitEligibility(API), {
    inclusion: [
      "Adults with a diagnosis of moderate asthma, made at least eighteen months before they - 3 litres of FEV1 or less - were first seen",
      "Adequate function:",
      "Platelets ≥ 100,000/mm3",
      "E. coli negative",
    ],
    exclusion: ["Pregnancy"],
    headed: true,
  });
  assert.deepEqual(splitEligibility(WRAPPED), splitEligibility(API));
  assert.equal(plainText(WRAPPED), plainText(API));
  assert.match(
    plainText(API),
    /^Inclusion Criteria:\n- Adults .*\n- Adequate function:\n {2}- Plat/,
  );
  assert.deepEqual(layout(WRAPPED), layout(API));
});

test("headings of many kinds open the parts", () => {
  const cases: Readonly<Record<string, string>> = {
    bare: "INCLUSION\n\n- a1\n\nEXCLUSION\n\n- b1",
    qualified:
      "Key inclusion criteria (Part 2):\n- a1\nMain Exclusion Criteria for all cohorts:\n- b1",
    bulleted: "-  INCLUSION CRITERIA:\n\na1\n\n-  EXCLUSION CRITERIA:\n\nb1",
    numbered: "3.1 Inclusion Criteria\n* a1\n3.2 Exclusion Criteria\n* b1",
    misspelt: "Inlcusion criteria\n* a1\n\nExcusion Crtieria:\n* b1",
    negated: "Inclusion criteria\n\n* a1\n\nNon-inclusion criteria\n\n* b1",
    announced: "Patients may be eligible if they have:\n\n- a1\n\nPatients must not have:\n\n- b1",
    possessive: "Patient's inclusion criteria:\n- a1\nAdditional exclusion criteria:\n- b1",
    markdown: "**Inclusion Criteria:**\n\n* a1\n\n**Exclusion Criteria:**\n\n* b1",
    "in one paragraph": "Inclusion Criteria: a1 Exclusion Criteria: b1",
    sentences: "a1. Exclusion criteria include b1",
    "unmarked lines": "Inclusion Criteria:\n  a1\nExclusion Criteria:\n  b1",
  };
  for (const [name, text] of Object.entries(cases)) {
    const { inclusion, exclusion, headed } = splitEligibility(text);
    assert.deepEqual([inclusion.length, exclusion, headed], [1, ["b1"], true], name);
    assert.match(inclusion[0]!, /^a1\.?$/, name);
  }
});

test("parts given once per cohort are collected", () => {
  const text =
    "Inclusion Criteria, cohort 1:\n* a1\n\nExclusion Criteria, cohort 1:\n* b1\n\n" +
    "Inclusion Criteria, cohort 2:\n* a2\n\nExclusion Criteria, cohort 2:\n* b2";
  assert.deepEqual(splitEligibility(text), {
    inclusion: ["a1", "a2"],
    exclusion: ["b1", "b2"],
    headed: true,
  });
});

test("statements that mention a part are no headings", () => {
  const text =
    "Inclusion criteria:\n* Absence of the exclusion criteria\n* Meets Eligibility for surgery\n* a1\n" +
    "\nExclusion criteria:\n* Does not meet the inclusion criteria\n* b1";
  assert.deepEqual(splitEligibility(text), {
    inclusion: ["Absence of the exclusion criteria", "Meets Eligibility for surgery", "a1"],
    exclusion: ["Does not meet the inclusion criteria", "b1"],
    headed: true,
  });
});

test("a clause among bullets governs its sub-bullets only", () => {
  const text =
    "Inclusion criteria:\n* a1\n* Patients must not have:\n    * b1\n    * b2\n* a2\n\nExclusion criteria:\n* b3";
  const { inclusion, exclusion } = splitEligibility(text);
  assert.deepEqual(
    [inclusion, exclusion],
    [
      ["a1", "a2"],
      ["b1", "b2", "b3"],
    ],
  );
});

test("without a heading of exclusions the wording decides", () => {
  const nci =
    "DISEASE CHARACTERISTICS: Proven sarcoma No brain metastases PATIENT CHARACTERISTICS: Age: 18 " +
    "and over Renal: No renal failure Other: Not specified PRIOR CONCURRENT THERAPY: Must have " +
    "failed surgery";
  assert.deepEqual(splitEligibility(nci), {
    inclusion: [
      "Proven sarcoma",
      "Age: 18 and over",
      "Other: Not specified",
      "Must have failed surgery",
    ],
    exclusion: ["No brain metastases", "Renal: No renal failure"],
    headed: true,
  });
  assert.deepEqual(
    splitEligibility(
      "Adults with gout are accepted. Pregnant women are excluded. No more than 3 flares.",
    ),
    {
      inclusion: ["Adults with gout are accepted.", "No more than 3 flares."],
      exclusion: ["Pregnant women are excluded."],
      headed: false,
    },
  );
  assert.deepEqual(splitEligibility("Adults with gout"), {
    inclusion: ["Adults with gout"],
    exclusion: [],
    headed: false,
  });
});

test(
  "takes at least 98 % of the trials of TOP phase I apart into both parts",
  needsData("top/phase_I_train.csv", "top/phase_I_valid.csv", "top/phase_I_test.csv"),
  () => {
    const splits = ["train", "valid", "test"]
      .flatMap((part) => readTrials(dataPath(`top/phase_I_${part}.csv`)).records)
      .map(({ trial }) => splitEligibility(trial.eligibilityCriteria));
    const both = splits.filter((split) => split.inclusion.length > 0 && split.exclusion.length > 0);
    assert.ok(both.length / splits.length > 0.98, `${both.length} of ${splits.length}`);
  },
);
