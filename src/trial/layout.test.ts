import assert from "node:assert/strict";
import { test } from "node:test";
import { LAYOUT_FIELDS, layout, layoutVector } from "./layout.js";

test("figures of a small text, counted by hand", () => {
  const text =
    "Inclusion Criteria:\n* Age 18 to 65 years, BMI \\>= 19\n* Bilirubin at most 2 mg/dL (or 5 %)\n\n" +
    "Exclusion Criteria:\n* No HIV within 6 months\n    1. b";
  // Without markers: 19 + 29 + 34 + 19 + 22 + 1 characters, and 5 line breaks between them.
  const visible = 124 - 20;
  const expected: Partial<ReturnType<typeof layout>> = {
    characters: 124 + 5,
    words: 25,
    inclusionStatements: 2,
    exclusionStatements: 2,
    exclusionShare: 23 / (23 + 63),
    headings: 2,
    headed: 1,
    bulletShare: 3 / 6,
    numberShare: 1 / 6,
    nestedShare: 1 / 6,
    deepestLevel: 1,
    meanStatementWords: 21 / 4,
    longestStatementWords: 8,
    vocabularyShare: 24 / 25, // "criteria" occurs twice
    digitShare: 9 / visible,
    punctuationShare: 9 / visible, // : , > = / ( % ) :
    comparisons: 2,
    ages: 2,
    durations: 1,
    laboratoryUnits: 1,
    percentages: 1,
    parentheses: 1,
    abbreviations: 2,
    negations: 1,
  };
  const figures = layout(text);
  for (const [field, value] of Object.entries(expected)) {
    assert.equal(figures[field as keyof typeof figures], value, field);
  }
});

test("the row follows the order of the names and is finite even for empty text", () => {
  const figures = layout("Adults only");
  assert.deepEqual(
    [...layoutVector("Adults only")],
    LAYOUT_FIELDS.map((field) => Math.fround(figures[field])),
  );
  assert.ok(layoutVector("").every(Number.isFinite));
});
