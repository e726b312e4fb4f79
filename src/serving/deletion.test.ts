import assert from "node:assert/strict";
import { test } from "node:test";
import type { DescribedTrial } from "../model/index.js";
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
const featuresOf = (criteria: string): DescribedTrial => ({
  nctId: "NCT1",
  phase: "1",
  text: plainText(criteria),
  molecules: [
    { name: "ethanol", smiles: "CCO", from: "name" },
    { name: "methanol", smiles: "CO", from: "name" },
  ],
  vectors: [Float32Array.of(1), Float32Array.of(2)],
  diseases: ["IX", "X", "I20", "J45"],
  missing: [],
  unresolvedDrugs: [],
  ignoredInterventions: [],
  unresolvedConditions: [],
  conditions: [
    { name: "Angina", tokens: ["IX", "I20"] },
    { name: "Asthma", tokens: ["X", "J45"] },
  ],
});
const LAST = 4; // two molecules, two diseases
const of = (criteria: string, most = 100) =>
  deletionsOf(trialOf(criteria), featuresOf(criteria), most, () => true);

test("each statement is deleted once and nothing else; its heading stays", () => {
  const text = plainText(CRITERIA);
  const statements = of(CRITERIA).slice(0, -LAST);
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

test("where parts alternate, statements still go together in few groups", () => {
  const cohorts = Array.from(
    { length: 12 },
    (_, i) => `Inclusion Criteria:\n\n* Cohort ${i}\n\nExclusion Criteria:\n\n* Pregnancy ${i}\n`,
  );
  const groups = of(cohorts.join("\n"), 4).slice(0, -LAST);
  assert.ok(groups.length <= 6, `${groups.length}`);
  const told = groups.flatMap(({ kind, text }) => text.split("\n").map((one) => `${kind} ${one}`));
  assert.deepEqual(
    told.sort(),
    cohorts.flatMap((_, i) => [`inclusion Cohort ${i}`, `exclusion Pregnancy ${i}`]).sort(),
  );
});

test("of a paragraph without headings a sentence is deleted", () => {
  const paragraph = "Adults with asthma of any age. No prior chemotherapy. Written consent.";
  const deleted = of(paragraph).slice(0, -LAST);
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
      .slice(0, -LAST)
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
  const deletions = of(long, 12).slice(0, -LAST);
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

test("each molecule is deleted once, and so is each disease", () => {
  const features = featuresOf(CRITERIA);
  const [first, ...others] = of(CRITERIA).slice(-LAST);
  assert.deepEqual(
    [first!, ...others].map(({ kind, text }) => [kind, text]),
    [
      ["drug", "ethanol"],
      ["drug", "methanol"],
      ["disease", "Angina"],
      ["disease", "Asthma"],
    ],
  );
  assert.deepEqual(first!.features, {
    ...features,
    molecules: [features.molecules[1]],
    vectors: [features.vectors[1]],
  });
  assert.deepEqual(others[1]!.features, { ...features, diseases: ["X", "J45"] });
  assert.deepEqual(others[2]!.features, { ...features, diseases: ["IX", "I20"] });
});

/** Conditions with their tokens → the texts of their deletions, and the diseases that each leaves. */
function diseasesLeft(brought: Record<string, string>, unknown: readonly string[] = []) {
  const conditions = Object.entries(brought).map(([name, list]) => ({
    name,
    tokens: list.split(" "),
  }));
  const diseases = [...new Set(conditions.flatMap(({ tokens }) => tokens))];
  const features = { ...featuresOf(CRITERIA), conditions, diseases };
  return deletionsOf(trialOf(CRITERIA), features, 100, (token) => !unknown.includes(token))
    .filter(({ kind }) => kind === "disease")
    .map(({ text, features }) => [text, features.diseases.join(" ")]);
}

test("a condition takes with it the tokens that only it brings", () => {
  assert.deepEqual(diseasesLeft({ Gout: "XIII M05 M10", Lupus: "XIII M30 M32", Flu: "X J10" }), [
    ["Gout", "XIII M30 M32 X J10"],
    ["Lupus", "XIII M05 M10 X J10"],
    ["Flu", "XIII M05 M10 M30 M32"],
  ]);
});

test("conditions of which one brings all that the others do are deleted together", () => {
  const conditions = {
    Diabetes: "IV E08",
    Gout: "XIII M10",
    "Type 2 diabetes": "IV E08 E11",
    Podagra: "XIII M10",
  };
  assert.deepEqual(diseasesLeft(conditions), [
    ["Diabetes\nType 2 diabetes", "XIII M10"],
    ["Gout\nPodagra", "IV E08 E11"],
  ]);
});

test("what the model does not know tells no conditions apart", () => {
  const conditions = { "E11.65": "IV E11 E11.65", "E11.9": "IV E11 E11.9", Gout: "XIII M10" };
  assert.deepEqual(diseasesLeft(conditions, ["E11.65", "E11.9"]), [
    ["E11.65\nE11.9", "XIII M10"],
    ["Gout", "IV E11 E11.65 E11.9"],
  ]);
  assert.deepEqual(
    diseasesLeft(conditions, ["XIII", "M10"]).map(([text]) => text),
    ["E11.65", "E11.9"],
  );
});

test("the jackknife's error of a mean is the standard error of the mean", () => {
  const groups = [3, 1, 4, 1, 5, 9];
  const sum = groups.reduce((a, b) => a + b);
  const leftOut = groups.map((value) => (sum - value) / (groups.length - 1));
  const mean = sum / groups.length;
  const variance = groups.reduce((a, b) => a + (b - mean) ** 2, 0) / (groups.length - 1);
  assert.ok(Math.abs(jackknifeError(leftOut) - Math.sqrt(variance / groups.length)) < 1e-12);
});
