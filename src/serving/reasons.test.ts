import assert from "node:assert/strict";
import { test } from "node:test";
import { fromFloat16, toFloat16 } from "../base/float16.js";
import { type Encoder, type HiddenStates, Tokenizer, trainBpe } from "../language/index.js";
import type { TrialFeatures } from "../model/index.js";
import { plainText, type Trial } from "../trial/index.js";
import { jackknifeError } from "./predictor.js";
import { strongest, variantsOf } from "./reasons.js";

const CRITERIA = `Inclusion Criteria:

* Adults of either sex, 18 years or more
* One of the following:
  * Creatinine ≤ 1.5 × ULN
  * Clearance above 60 mL/min

Exclusion Criteria:

* Pregnant or lactating women`;
const text = plainText(CRITERIA);
const trial: Trial = {
  nctId: "NCT1",
  phase: "1",
  conditions: ["Angina", "Asthma"],
  icd10: [],
  interventions: [],
  givenSmiles: [],
  eligibilityCriteria: CRITERIA,
};
const features: TrialFeatures = {
  nctId: "NCT1",
  phase: "1",
  text,
  molecules: [
    { name: "ethanol", smiles: "CCO", from: "name" },
    { name: "methanol", smiles: "CO", from: "name" },
  ],
  vectors: [Float32Array.of(1), Float32Array.of(2)],
  diseases: ["IX", "X"],
  missing: [],
};
const tokenizer = new Tokenizer(trainBpe([text], { vocabularySize: 300 }));
const ids = [tokenizer.endId, ...tokenizer.encode(text)];
const encoder: Encoder = {
  hash: "",
  width: 1,
  levels: [],
  countTokens: (text) => 1 + tokenizer.encode(text).length,
  encode: async () => [],
  release: async () => {},
};
/** The state of each token is its place. */
const states: HiddenStates = {
  tokens: ids.length,
  width: 1,
  levels: [toFloat16(Float32Array.from(ids, (_, i) => i))],
};
const variants = variantsOf(trial, features, states, encoder);

test("each statement is deleted once, from the text and from the hidden states alike", () => {
  const statements = variants.filter(({ text }) => !/^(drug|disease): /.test(text));
  assert.deepEqual(
    statements.map(({ text }) => text),
    [
      "Adults of either sex, 18 years or more",
      "Creatinine ≤ 1.5 × ULN",
      "Clearance above 60 mL/min",
      "Pregnant or lactating women",
    ],
  );
  for (const { text: statement, variant } of statements) {
    const rest = text.split("\n").filter((line) => !line.endsWith(statement));
    assert.equal(rest.length, text.split("\n").length - 1);
    assert.equal(variant.features.text, rest.join("\n"));
    const places = [...fromFloat16(variant.states.levels[0]!)];
    assert.equal(places.length, variant.states.tokens);
    assert.equal(places[0], 0, "the start token stays");
    const left = tokenizer.decode(places.map((place) => ids[place]!));
    // A token may hold a line break and some of the next line's indentation.
    assert.equal(left.trim().split(/\s+/).join(" "), rest.join(" ").split(/\s+/).join(" "));
  }
});

test("each molecule is deleted once, and the diseases together", () => {
  const [first, second, diseases] = variants.slice(-3);
  assert.deepEqual(
    [first!.text, second!.text, diseases!.text],
    ["drug: ethanol", "drug: methanol", "disease: Angina, Asthma"],
  );
  for (const { variant } of [first!, second!, diseases!]) {
    assert.equal(variant.states, states);
  }
  assert.deepEqual(first!.variant.features, {
    ...features,
    molecules: [features.molecules[1]],
    vectors: [features.vectors[1]],
  });
  assert.deepEqual(diseases!.variant.features, { ...features, diseases: [] });
});

test("the strongest reasons come first, in either direction", () => {
  const effects = [1, -5, 0.5, 3].map((effect) => ({ text: String(effect), effect }));
  assert.deepEqual(
    strongest(effects).map(({ effect }) => effect),
    [-5, 3, 1],
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
