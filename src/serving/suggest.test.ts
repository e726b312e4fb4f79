import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readConditions, resolveDiseases, SHIPPED_CONDITIONS } from "../disease/index.js";
import { readVocabulary, SHIPPED_VOCABULARY } from "../drug/index.js";
import { createSuggestions } from "./suggest.js";

const folder = mkdtempSync(join(tmpdir(), "cladmop-suggest-"));
after(() => rmSync(folder, { recursive: true }));
const file = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const DRUGS = `Alphanib|AB-120|Alphanib mesylate\tCCO
Alphamab\tCCN
Beta acid\tCCC
Acid beta|Acidol\tCCCC
Gammastatin\tCCCCC
`;
const CONDITIONS = `fever of unknown origin|pyrexia\tR50
lung fever\tR50.9 A48.1
gout\tM10
`;
const small = createSuggestions(
  readVocabulary(file("drugs.tsv", DRUGS)),
  readConditions(file("conditions.tsv", CONDITIONS)),
);
const drugs = (text: string, count = 9) => small.drugs(text, count).map(({ name }) => name);
const conditions = (text: string) => small.conditions(text, 9).map(({ name }) => name);

test("the beginning of a name comes before that of a word, and each drug once", () => {
  assert.deepEqual(drugs("alpha"), ["Alphamab", "Alphanib"]);
  assert.deepEqual(drugs("ALPHA", 1), ["Alphamab"]);
  assert.deepEqual(drugs("alphanib"), ["Alphanib"]);
  assert.deepEqual(drugs("mesy"), ["Alphanib mesylate"]);
  assert.deepEqual(drugs("acid"), ["Acidol", "Beta acid"]);
  assert.deepEqual(drugs("acid be"), ["Acid beta", "Beta acid"]);
  assert.deepEqual(drugs("ab120"), ["AB-120"]);
  assert.deepEqual(small.drugs("ab 120", 1), [{ name: "AB-120", smiles: ["CCO"] }]);
});

test("small typing errors are forgiven where nothing begins so, and none in short names", () => {
  assert.deepEqual(drugs("gamastatin"), ["Gammastatin"]); // a letter missing
  assert.deepEqual(drugs("gmamas"), ["Gammastatin"]); // two letters that changed places
  assert.deepEqual(drugs("alphqnib"), ["Alphanib"]); // a wrong letter
  assert.deepEqual(drugs("alphqnob"), ["Alphanib"]);
  assert.deepEqual(drugs("alphqnomesyl"), []);
  assert.deepEqual(drugs("mesilate"), ["Alphanib mesylate"]); // in a word of the name
  for (const nothing of ["acf", "xyz", "", " - "]) assert.deepEqual(drugs(nothing), []);
});

test("conditions by term and by code", () => {
  assert.deepEqual(conditions("fev"), ["fever of unknown origin", "lung fever"]);
  assert.deepEqual(conditions("pyrexai"), ["pyrexia"]);
  assert.deepEqual(conditions("r50"), ["fever of unknown origin", "lung fever"]);
  assert.deepEqual(conditions("R50."), ["fever of unknown origin", "lung fever"]);
  assert.deepEqual(conditions("A48"), ["lung fever"]);
  assert.deepEqual(conditions("M10.25"), ["gout"]); // its category
  assert.deepEqual(conditions("Z99"), []);
});

test("every shipped name is its own first suggestion, and means what it says", () => {
  const vocabulary = readVocabulary(SHIPPED_VOCABULARY);
  const known = readConditions(SHIPPED_CONDITIONS);
  const shipped = createSuggestions(vocabulary, known);
  for (const { name, smiles } of [...vocabulary.drugs].filter((_, i) => i % 97 === 0))
    assert.deepEqual(shipped.drugs(name, 1)[0]!.smiles, smiles, name);
  for (const { terms, codes } of known.conditions.filter((_, i) => i % 31 === 0)) {
    const [first] = shipped.conditions(terms[0]!, 1);
    assert.deepEqual(first!.codes, codes);
    const { codes: resolved } = resolveDiseases({ conditions: [first!.name], icd10: [] }, known);
    assert.deepEqual(resolved, codes, first!.name);
  }
});
