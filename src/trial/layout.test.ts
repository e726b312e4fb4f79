import assert from "node:assert/strict";
import { test } from "node:test";
import { LAYOUT_FIELDS, layout, layoutVector } from "./layout.js";

test("figures of a small text, counted by hand", () => {
  const text =
    "Inclusion Criteria:\n* Age 18 to 65 years, BMI \\>= 19\n* Bilirubin at most 2 mg/dL (or 5 %)\n\n" +
    "Exclusion Criteria:\n* No HIV within 6 months\n    1. b";
  const figures = layout(text);
  assert.deepEqual(
    {
      ...figures,
      exclusionShare: undefined,
      meanWordLength: undefined,
      vocabularyShare: undefined,
      upperCaseShare: undefined,
      digitShare: undefined,
      punctuationShare: undefined,
    },
    {
      characters: 19 + 1 + 29 + 1 + 34 + 1 + 19 + 1 + 22 + 1 + 1,
      words: 25,
      inclusionStatements: 2,
      exclusionStatements: 2,
      headings: 2,
      headed: 1,
      bulletShare: 3 / 6,
      numberShare: 1 / 6,
      nestedShare: 1 / 6,
      deepestLevel: 1,
      meanStatementWords: 21 / 4,
      longestStatementWords: 8,
      comparisons: 2,
      ages: 2,
      durations: 1,
      laboratoryUnits: 1,
      percentages: 1,
      parentheses: 1,
      abbreviations: 2,
      negations: 1,
      exclusionShare: undefined,
      meanWordLength: undefined,
      vocabularyShare: undefined,
      upperCaseShare: undefined,
      digitShare: undefined,
      punctuationShare: undefined,
    },
  );
  const visible = text.replace(/\s|\\|^\*|(?<=\n)\*|1\./g, "").length;
  assert.equal(figures.digitShare, 9 / visible);
  assert.equal(figures.exclusionShare, 23 / (23 + 63));
});

test("the row follows the order of the names and is finite even for empty text", () => {
  const figures = layout("Adults only");
  assert.deepEqual(
    [...layoutVector("Adults only")],
    LAYOUT_FIELDS.map((f) => Math.fround(figures[f])),
  );
  assert.ok(layoutVector("").every(Number.isFinite));
});
