import assert from "node:assert/strict";
import { test } from "node:test";
import type { TrialFeatures } from "../model/index.js";
import { plainText, statementsOf, type Trial } from "../trial/index.js";
import { deletionsOf, withoutStatements } from "./deletion.js";
import { jackknifeError } from "./predictor.js";

const CRITERIA = `Inclusion Criteria: Written consent

* Adults of either sex, 18 years or more
* One of the following:
  * Creatinine ≤ 1.5 × ULN
  * Clearance above 60 mL/min

Exclusion Criteria:

* Pregnant or lactating women`;
const trialOf = (eligibilityCriteria: string): Trial => ({
  nctId: "NCT1",
  phase: "1",
  conditions: ["Angina", "Asthma"],
  icd10: [],
  interventions: [],
  givenSmiles: [],
  eligibilityCriteria,
});
const featuresOf = (criteria: string): TrialFeatures => ({
  nctId: "NCT1",
  phase: "1",
  text: plainText(criteria),
  molecules: [
    { name: "ethanol", smiles: "CCO", from: "name" },
    { name: "methanol", smiles: "CO", from: "name" },
  ],
  vectors: [Float32Array.of(1), Float32Array.of(2)],
  diseases: ["IX", "X"],
  missing: [],
});
const of = (criteria: string, most = 100) =>
  deletionsOf(trialOf(criteria), featuresOf(criteria), most);

test("each statement is deleted once and nothing else; its heading stays", () => {
  const text = plainText(CRITERIA);
  const statements = of(CRITERIA).slice(0, -3);
  assert.deepEqual(
    statements.map(({ kind, text }) => [kind, text]),
    [
      ["inclusion", "Written consent"],
      ["inclusion", "Adults of either sex, 18 years or more"],
      ["inclusion", "One of the following:"],
      ["inclusion", "Creatinine ≤ 1.5 × ULN"],
      ["inclusion", "Clearance above 60 mL/min"],
      ["exclusion", "Pregnant or lactating women"],
    ],
  );
  assert.equal(
    statements[0]!.features.text,
    text.replace("Inclusion Criteria: Written consent", "Inclusion Criteria:"),
  );
  for (const { text: statement, features } of statements.slice(1)) {
    const rest = text.split("\n").filter((line) => !line.endsWith(statement));
    assert.equal(rest.length, text.split("\n").length - 1);
    assert.equal(features.text, rest.join("\n"));
  }
});

test("of a paragraph without headings a sentence is deleted", () => {
  const paragraph = "Adults with asthma of any age. No prior chemotherapy. Written consent.";
  const deleted = of(paragraph).slice(0, -3);
  assert.deepEqual(
    deleted.map(({ kind, text, features }) => [kind, text, features.text]),
    [
      ["inclusion", "Adults with asthma of any age.", "No prior chemotherapy. Written consent."],
      ["exclusion", "No prior chemotherapy.", "Adults with asthma of any age. Written consent."],
      ["inclusion", "Written consent.", "Adults with asthma of any age. No prior chemotherapy."],
    ],
  );
});

test("a statement that lost its marks of emphasis goes with its line", () => {
  const marked = "Inclusion Criteria: **adults** only\n\n* Consent";
  assert.deepEqual(
    of(marked)
      .slice(0, -3)
      .map(({ text, features }) => [text, features.text]),
    [
      ["adults only", "- Consent"],
      ["Consent", "Inclusion Criteria: **adults** only"],
    ],
  );
});

test("of many statements neighbours of one part are deleted together, none is left out", () => {
  const lines = (word: string, count: number) =>
    Array.from({ length: count }, (_, i) => `* ${word} ${i}`).join("\n");
  const long = `Inclusion Criteria:\n\n${lines("has", 70)}\n\nExclusion Criteria:\n\n${lines("lacks", 51)}`;
  const { statements } = statementsOf(long);
  const deletions = of(long, 12).slice(0, -3);
  assert.ok(deletions.length <= 13, String(deletions.length));
  assert.deepEqual(
    deletions.flatMap(({ kind, text }) => text.split("\n").map((one) => [kind, one])),
    statements.map(({ part, text }) => [part, text]),
  );
  for (const { text, features } of deletions) {
    const words = features.text.split("\n").map((line) => line.slice(2));
    assert.equal(words.length, 123 - text.split("\n").length);
    for (const one of text.split("\n")) assert.ok(!words.includes(one), one);
  }
});

test("without all its statements a text has its headings left", () => {
  const { statements } = statementsOf(CRITERIA);
  assert.equal(
    withoutStatements(plainText(CRITERIA), statements, new Set(statements)),
    "Inclusion Criteria:\nExclusion Criteria:",
  );
});

test("each molecule is deleted once, and the diseases together", () => {
  const features = featuresOf(CRITERIA);
  const [first, second, diseases] = of(CRITERIA).slice(-3);
  assert.deepEqual(
    [first!, second!, diseases!].map(({ kind, text }) => [kind, text]),
    [
      ["drug", "ethanol"],
      ["drug", "methanol"],
      ["disease", "Angina, Asthma"],
    ],
  );
  assert.deepEqual(first!.features, {
    ...features,
    molecules: [features.molecules[1]],
    vectors: [features.vectors[1]],
  });
  assert.deepEqual(diseases!.features, { ...features, diseases: [] });
});

test("the jackknife's error of a mean is the standard error of the mean", () => {
  const groups = [3, 1, 4, 1, 5, 9];
  const sum = groups.reduce((a, b) => a + b);
  const leftOut = groups.map((value) => (sum - value) / (groups.length - 1));
  const mean = sum / groups.length;
  const variance = groups.reduce((a, b) => a + (b - mean) ** 2, 0) / (groups.length - 1);
  assert.ok(Math.abs(jackknifeError(leftOut) - Math.sqrt(variance / groups.length)) < 1e-12);
});
