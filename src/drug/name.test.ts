import assert from "node:assert/strict";
import { test } from "node:test";
import { inertReason, nameKey, noSubstanceReason, splitName, substanceWords } from "./name.js";

const parts = (name: string) => splitName(name).map(({ text }) => text);

test("spellings of one name have one key", () => {
  for (const name of ["BIBW-2992", "bibw 2992", "BIBW 2992®"])
    assert.equal(nameKey(name), "bibw2992");
  assert.equal(nameKey("interferon-α"), nameKey("Interferon alpha"));
});

test("lists are split, doses and chemical names are not", () => {
  assert.deepEqual(parts("Lopinavir/ritonavir"), ["lopinavir", "ritonavir"]);
  assert.deepEqual(parts("A, B and C; D + E plus F with G"), ["a", "b", "c", "d", "e", "f", "g"]);
  assert.deepEqual(parts("docetaxel 75 mg/m2 and cisplatin 5-10 mg/kg/day"), [
    "docetaxel",
    "cisplatin",
  ]);
  assert.deepEqual(parts("1,2-benzodiazepine"), ["1,2-benzodiazepine"]);
});

test("brackets stay with the part before them, separators in them do not count", () => {
  assert.deepEqual(splitName("XY-1 (alpha, beta [x/y]) + gamma"), [
    { text: "xy-1", brackets: ["alpha, beta [x/y]"] },
    { text: "gamma", brackets: [] },
  ]);
});

test("what a placebo imitates is not given", () => {
  assert.deepEqual(parts("sitagliptin + placebo for metformin/glipizide"), [
    "sitagliptin",
    "placebo for metformin/glipizide",
  ]);
  assert.equal(inertReason("bi 10773 placebo"), "placebo");
});

test("non-drugs are recognised with their reason", () => {
  assert.equal(inertReason("normal saline"), "vehicle or diluent");
  assert.equal(inertReason("standard of care"), "no intervention");
  assert.equal(noSubstanceReason("radiation therapy"), "radiation");
  assert.equal(noSubstanceReason("adjuvant surgery"), "procedure");
  assert.equal(noSubstanceReason("quality-of-life assessment"), "behaviour or survey");
  assert.equal(noSubstanceReason("docetaxel"), undefined);
});

test("words of route, form and arm are no substance", () => {
  assert.deepEqual(substanceWords("arm 1 oral extended release metformin tablets"), ["metformin"]);
  assert.deepEqual(substanceWords("norethindrone-ethinyl estradiol"), [
    "norethindrone",
    "ethinyl",
    "estradiol",
  ]);
  assert.deepEqual(substanceWords("azido-thymidine"), ["azido-thymidine"]);
});
