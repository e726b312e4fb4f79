import assert from "node:assert/strict";
import { test } from "node:test";
import type { Intervention, Trial } from "../trial/record.js";
import { loadChemistry } from "./molecule.js";
import { resolveDrugs } from "./resolve.js";
import { readVocabulary, SHIPPED_VOCABULARY } from "./vocabulary.js";

const vocabulary = readVocabulary(SHIPPED_VOCABULARY);

const drug = (name: string, ...otherNames: string[]): Intervention => ({
  type: "DRUG",
  name,
  otherNames,
});

function resolve(...interventions: Intervention[]) {
  const trial: Trial = {
    nctId: "NCT00000000",
    phase: "1",
    conditions: [],
    icd10: [],
    interventions,
    givenSmiles: ["CCO"],
    eligibilityCriteria: "",
  };
  return resolveDrugs(trial, vocabulary);
}

/** The structures of drugs by their plain names. */
const structures = (...names: string[]) => names.flatMap((name) => vocabulary.lookup(name)!);
const smiles = (...interventions: Intervention[]) =>
  resolve(...interventions).molecules.map((molecule) => molecule.smiles);

test("names as trials write them give their drugs", () => {
  for (const [name, ...expected] of [
    ["Docetaxel", "docetaxel"],
    ["metformin hydrochloride 500 mg bid", "metformin"],
    ["Lopinavir/ritonavir", "lopinavir", "ritonavir"],
    ["Lipitor 40 mg", "atorvastatin"],
    ["Truvada®", "emtricitabine", "tenofovir disoproxil"],
    ["doxorubicin hydrochloride liposome injection", "doxorubicin"],
    ["AZD2281 (olaparib) 400 mg bid tablets", "olaparib"],
    ["QX-999 (imatinib mesylate)", "imatinib"],
    ["FOLFOX regimen", "fluorouracil", "leucovorin", "oxaliplatin"],
    ["norethindrone-ethinyl estradiol", "norethindrone", "ethinyl estradiol"],
    ["Arm A: oral topotecan, followed by placebo", "topotecan"],
    ["leucovorin calcium", "leucovorin"],
  ] as const) {
    assert.deepEqual(smiles(drug(name)), structures(...expected), name);
  }
});

test("drugs that the benchmark's own column confuses have their own structures", async () => {
  const chemistry = await loadChemistry();
  for (const [name, weight] of [
    ["docetaxel", 807.9], // not oxaliplatin's 397.3
    ["metformin", 129.2], // not methionine's 149.2
  ] as const) {
    const [molecule, ...more] = smiles(drug(name));
    assert.deepEqual(more, []);
    assert.ok(Math.abs(chemistry.descriptors(molecule!)[0]! - weight) < 0.1, name);
  }
});

test("placebo and non-drugs give no molecule, with the reason", () => {
  const { molecules, ignored, unresolved } = resolve(
    drug("Placebo to alogliptin"),
    drug("external beam radiation therapy"),
    { type: "DEVICE", name: "paclitaxel-eluting stent", otherNames: [] },
    drug("0.9% sodium chloride"),
  );
  assert.deepEqual(molecules, []);
  assert.deepEqual(unresolved, []);
  assert.deepEqual(
    ignored.map(({ reason }) => reason),
    ["placebo", "radiation", "device", "vehicle or diluent"],
  );
});

test("an unknown name is listed and never replaced, not even by given SMILES", () => {
  const { molecules, unresolved } = resolve(drug("QX-999, docetaxel"), drug("QX-1000 sodium"));
  assert.deepEqual(
    molecules.map(({ name }) => name),
    ["docetaxel"],
  );
  assert.deepEqual(unresolved, ["qx-999", "qx-1000 sodium"]);
});

test("other names speak only where the name is unknown", () => {
  assert.deepEqual(
    resolve(drug("QX-999", "QX999", "Gleevec"), drug("docetaxel", "aspirin")).molecules.map(
      ({ name, from }) => [name, from],
    ),
    [
      ["gleevec", "other name"],
      ["docetaxel", "name"],
    ],
  );
  assert.deepEqual(smiles(drug("placebo", "aspirin")), []);
});

test("one structure under two names is one molecule", () => {
  assert.equal(smiles(drug("aspirin 100 mg"), drug("acetylsalicylic acid")).length, 1);
});

test("a drug's name within a biological's, a salt or an everyday word is no drug", () => {
  for (const name of [
    "tetanus toxoid phenol vaccine",
    "trastuzumab emtansine",
    "vitamin D3 analogue QX-9",
    "QX-999 calcium",
    "autologous T cells transduced in zinc",
    "angiotensin II blockade",
  ]) {
    assert.deepEqual(smiles(drug(name)), [], name);
  }
});
