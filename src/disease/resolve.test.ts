import assert from "node:assert/strict";
import { test } from "node:test";
import { dataPath, needsData } from "../base/test-data.js";
import { readTrials } from "../trial/index.js";
import { ancestors } from "./icd10.js";
import { MAX_TOKENS, resolveDiseases } from "./resolve.js";
import { readConditions, SHIPPED_CONDITIONS } from "./vocabulary.js";

const vocabulary = readConditions(SHIPPED_CONDITIONS);
const resolve = (conditions: string[], icd10: string[][] = []) =>
  resolveDiseases({ conditions, icd10 }, vocabulary);

test("tokens come once each, coarse to fine", () => {
  assert.deepEqual(resolve(["lung cancer", "CML", "Lung Neoplasms"]), {
    tokens: [
      ["chapter:C00-D49", "block:C30-C39", "category:C34"],
      ["chapter:C00-D49", "block:C81-C96", "category:C92", "code:C92.1"],
    ],
    flat: [
      "chapter:C00-D49",
      "block:C30-C39",
      "block:C81-C96",
      "category:C34",
      "category:C92",
      "code:C92.1",
    ],
    codes: ["C34", "C92.1"],
    leftOut: 0,
    ofConditions: [
      { name: "lung cancer", tokens: ["chapter:C00-D49", "block:C30-C39", "category:C34"] },
      {
        name: "CML",
        tokens: ["chapter:C00-D49", "block:C81-C96", "category:C92", "code:C92.1"],
      },
      { name: "Lung Neoplasms", tokens: ["chapter:C00-D49", "block:C30-C39", "category:C34"] },
    ],
    unresolved: [],
  });
});

test("the name decides where it is known, so that TOP and the registry agree", () => {
  const wrongHits = [["S33.110S", "S33.111S"]];
  assert.deepEqual(resolve(["lymphoma"], wrongHits).tokens, resolve(["Lymphoma"]).tokens);
});

test("given codes speak for an unknown name as far as they agree", () => {
  assert.deepEqual(resolve(["florbitis"], [["J45.20"]]).codes, ["J45.20"]);
  assert.deepEqual(resolve(["florbitis"], [["J45.20", "J45.909"]]).codes, ["J45"]);
  assert.deepEqual(resolve(["florbitis"], [["J45.20", "J12.1"]]).flat, ["chapter:J00-J99"]);
  assert.deepEqual(resolve(["florbitis"], [["J45.20", "C34.1"]]).unresolved, ["florbitis"]);
});

test("unknown conditions and malformed codes are listed, not replaced", () => {
  const { flat, unresolved } = resolve(["florbitis", "Asthma"], [["J4"], ["J45"]]);
  assert.deepEqual(unresolved, ["J4", "florbitis"]);
  assert.deepEqual(flat, ["chapter:J00-J99", "block:J40-J4A", "category:J45"]);
});

test("a condition that is a code is that code, and what only looks like one is not", () => {
  for (const code of ["E11", " e11 ", "E11.9", "e119", "E119", "C7A", "M1A.00X0"]) {
    const { flat, unresolved, ofConditions } = resolve([code], [["J45"]]);
    assert.deepEqual([flat, unresolved], [ancestors(code), []], code);
    assert.deepEqual(ofConditions, [{ name: code, tokens: ancestors(code) }]);
  }
  const others = ["C3", "B12", "E99", "V600E", "p53", "A1C", "E11 E12", "E11.", "E11.90000"];
  assert.deepEqual(resolve(others).unresolved, others);
  assert.deepEqual(resolve(["vitamin B12 deficiency"]).codes, ["D51"]);
});

test("codes that cannot be assigned to a condition are not used", () => {
  assert.deepEqual(resolve(["florbitis", "asthma"], [["C34.1"]]).codes, ["J45"]);
});

test("a trial of very many conditions keeps its coarse tokens", () => {
  const codes = [..."ABCDEFGHJKLMNQRS"].map((letter) => `${letter}02.1`);
  const { flat, leftOut, tokens } = resolve(
    codes.map((_, index) => `florbitis ${index}`),
    codes.map((code) => [code]),
  );
  assert.equal(tokens.length, codes.length);
  assert.equal(flat.length, MAX_TOKENS);
  assert.equal(flat.length + leftOut, new Set(tokens.flat()).size);
  assert.ok(flat.every((token) => !token.startsWith("code:")));
});

const FILES = ["top/phase_I_train.csv", "top/phase_I_test.csv"];
test("nearly every trial of TOP phase I has tokens", needsData(...FILES), () => {
  for (const file of FILES) {
    const resolved = readTrials(dataPath(file)).records.map(({ trial }) =>
      resolveDiseases(trial, vocabulary),
    );
    const without = resolved.filter(({ flat }) => flat.length === 0).length;
    assert.ok(without / resolved.length < 0.01, `${file}: ${without} without tokens`);
  }
});
