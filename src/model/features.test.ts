import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readTrials, type Trial } from "../trial/index.js";
import {
  DISEASE_TOKENS,
  describeTrial,
  diseaseTable,
  loadResources,
  MOLECULE_WIDTH,
  MOLECULES,
  tableRows,
} from "./features.js";

const folder = mkdtempSync(join(tmpdir(), "cladmop-features-"));
after(() => rmSync(folder, { recursive: true }));
const write = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

const alkanes = Array.from({ length: MOLECULES + 1 }, (_, i) => `alkane${i}\t${"C".repeat(i + 1)}`);
const resources = await loadResources(
  write("drugs.tsv", ["aspirin\tCC(=O)Oc1ccccc1C(=O)O", ...alkanes].join("\n")),
  write("conditions.tsv", "essential hypertension\tI10\nangina\tI20.9\nunstable angina\tI20.0"),
);

const CRITERIA = `Inclusion Criteria:

  -  Adults of either sex, 18 to 75 years of age, who have had the disease for at least one year`;
const trialOf = (drugs: readonly string[], conditions: readonly string[]): Trial => ({
  nctId: "NCT00000001",
  phase: "2",
  conditions,
  icd10: [],
  interventions: drugs.map((name) => ({ type: "DRUG", name, otherNames: [] })),
  givenSmiles: [],
  eligibilityCriteria: CRITERIA,
});

test("a trial's outcome leaves no trace in its features", () => {
  const header = "nctid,status,why_stop,label,phase,diseases,icdcodes,drugs,smiless,criteria";
  const rest = `phase 1,['angina'],"[""['I20.9']""]",['aspirin'],['CCO'],Adults`;
  const rows = [`NCT1,completed,,1,${rest}`, `NCT1,terminated,toxicity of aspirin,0,${rest}`];
  const { records } = readTrials(write("top.csv", [header, ...rows].join("\n")));
  const [good, bad] = records.map(({ trial }) => describeTrial(trial, resources));
  assert.notDeepEqual(records[0]!.outcome, records[1]!.outcome);
  assert.deepEqual(good, bad);
  assert.deepEqual(
    good!.molecules.map(({ name }) => name),
    ["aspirin"],
  );
});

test("what cannot be read is named, and nothing stands in for it", () => {
  const names = alkanes.map((line) => line.split("\t")[0]!);
  const many = describeTrial(
    trialOf([...names, "unobtainib"], ["rare disease", "angina"]),
    resources,
  );
  assert.equal(many.vectors.length, MOLECULES);
  assert.equal(many.molecules.length, MOLECULES);
  assert.deepEqual(many.missing, [
    "only the first 16 of 17 molecules are read",
    'drug "unobtainib" is not in the vocabulary',
    'condition "rare disease" has no ICD-10 code',
  ]);
  const codes = [..."ABCDEFGHJKLMNQRS"].map((letter) => `${letter}02`);
  const basket = describeTrial(trialOf(["aspirin"], codes), resources);
  assert.equal(basket.diseases.length, DISEASE_TOKENS);
  assert.match(
    basket.missing.join(),
    /^only 32 of \d+ disease tokens are read, the coarse ones first$/,
  );
  const none = describeTrial(trialOf(["placebo"], []), resources);
  assert.deepEqual([none.vectors, none.diseases], [[], []]);
  assert.deepEqual(none.missing, ["no condition is given"]);
  const bare = { ...trialOf([], ["angina"]), phase: "not applicable" as const };
  assert.deepEqual(describeTrial(bare, resources).missing, [
    "no drug or other intervention is given",
    'the phase is "not applicable" or not given',
  ]);
});

test("criteria of hardly any words are told, at whatever length a word is", () => {
  const missingOf = (words: number, word: string) =>
    describeTrial(
      {
        ...trialOf(["aspirin"], ["angina"]),
        eligibilityCriteria: Array(words).fill(word).join(" "),
      },
      resources,
    ).missing.join();
  for (const word of ["a", "flurbogastic"]) {
    assert.match(missingOf(15, word), /^the criteria are shorter than 99 % of those/);
    assert.equal(missingOf(16, word), "");
  }
});

test("a disease that was not trained on keeps its ancestors", () => {
  const trained = describeTrial(trialOf(["aspirin"], ["angina"]), resources);
  const unseen = describeTrial(trialOf(["aspirin"], ["unstable angina"]), resources);
  const table = diseaseTable([trained]);
  assert.deepEqual([...table.values()].sort(), [1, 2, 3, 4]);
  const common = unseen.diseases.filter((token) => trained.diseases.includes(token));
  assert.equal(common.length, 3, "chapter, block and category I20");
  for (const [trial, tokens] of [
    [trained, trained.diseases],
    [unseen, common],
  ] as const)
    assert.deepEqual(
      tableRows(table, trial),
      tokens.map((token) => table.get(token)),
    );
});

test("molecules are numbers, and not all of them zero", () => {
  const { vectors } = describeTrial(trialOf(["alkane3", "aspirin"], []), resources);
  assert.equal(vectors.length, 2);
  for (const vector of vectors) {
    assert.equal(vector.length, MOLECULE_WIDTH);
    assert.ok(vector.every(Number.isFinite) && vector.some((value) => value > 0));
  }
});
