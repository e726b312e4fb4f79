import assert from "node:assert/strict";
import { test } from "node:test";
import { InputError } from "../base/error.js";
import { dataPath, needsData } from "../base/test-data.js";
import { readTrials } from "../trial/index.js";
import { ancestors, normaliseCode } from "./icd10.js";
import { CHAPTERS } from "./icd10-blocks.js";

test("a code finds its chapter, block and category", () => {
  // Looked up by hand in the tabular list, the irregular categories among them.
  const ways: [code: string, chapter: string, block: string][] = [
    ["A00.0", "A00-B99", "A00-A09"],
    ["B20", "A00-B99", "B20"],
    ["C34.90", "C00-D49", "C30-C39"],
    ["C4A.9", "C00-D49", "C43-C44"],
    ["C7A.010", "C00-D49", "C7A"],
    ["C7B.1", "C00-D49", "C7B"],
    ["C80.1", "C00-D49", "C76-C80"],
    ["D3A.00", "C00-D49", "D3A"],
    ["D49.0", "C00-D49", "D49"],
    ["D50.9", "D50-D89", "D50-D53"],
    ["E11.65", "E00-E89", "E08-E13"],
    ["H59.811", "H00-H59", "H59"],
    ["H60.00", "H60-H95", "H60-H62"],
    ["I1A.0", "I00-I99", "I10-I1A"],
    ["I5A", "I00-I99", "I30-I5A"],
    ["J4A.0", "J00-J99", "J40-J4A"],
    ["M1A.0110", "M00-M99", "M05-M14"],
    ["O9A.119", "O00-O9A", "O94-O9A"],
    ["QA0.01", "Q00-QA0", "QA0"],
    ["S33.110S", "S00-T88", "S30-S39"],
    ["U07.1", "U00-U85", "U00-U49"],
    ["Y09", "V00-Y99", "X92-Y09"],
    ["Z3A.40", "Z00-Z99", "Z30-Z39"],
  ];
  for (const [code, chapter, block] of ways) {
    const category = code.slice(0, 3);
    const way = [`chapter:${chapter}`, `block:${block}`, `category:${category}`];
    assert.deepEqual(ancestors(code), code === category ? way : [...way, `code:${code}`]);
  }
});

test("an unknown code of a known category keeps its ancestors", () => {
  assert.deepEqual(ancestors("C34.777").slice(0, 3), ancestors("C34"));
});

test("codes have one spelling", () => {
  for (const spelling of ["C34.90", " c3490", "C3490", "C34.90*", "C34.90+"]) {
    assert.equal(normaliseCode(spelling), "C34.90");
  }
});

test("what is no code, or lies between the blocks, is an input error that names it", () => {
  for (const text of ["", "lung", "C3", "34.9", "C34.90.1", "C34.12345"]) {
    assert.throws(() => ancestors(text), InputError);
  }
  for (const gap of ["C27", "C7C", "M1B.0"]) {
    assert.throws(() => ancestors(gap), /lies in no block of ICD-10-CM/);
  }
});

test("blocks stand in order, apart from each other and inside their chapter", () => {
  for (const { first, last, blocks } of CHAPTERS) {
    // C7A, C7B and D3A stand where the tabular list prints them, not where they sort.
    const ranges = blocks.filter((block) => !/[A-Z]$/.test(block.first));
    for (const [index, block] of ranges.entries()) {
      assert.ok(first <= block.first && block.first <= block.last && block.last <= last);
      const next = ranges[index + 1];
      assert.ok(next === undefined || block.last < next.first, block.range);
    }
  }
});

const TRAIN = "top/phase_I_train.csv";
test("every code of TOP phase I has its ancestors", needsData(TRAIN), () => {
  const { records } = readTrials(dataPath(TRAIN));
  const codes = new Set(records.flatMap(({ trial }) => trial.icd10.flat()));
  assert.ok(codes.size > 1000);
  for (const code of codes) assert.ok(ancestors(code).length >= 3);
});
