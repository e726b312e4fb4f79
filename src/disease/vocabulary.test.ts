import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { conditionKey } from "./name.js";
import { readConditions, SHIPPED_CONDITIONS } from "./vocabulary.js";

const shipped = readConditions(SHIPPED_CONDITIONS);

test("spellings of one condition have one key", () => {
  const spellings = [
    ["breast cancer", "Breast Neoplasms", "Neoplasms, Breast", "Tumours of the Breast"],
    ["Leukemia, Lymphocytic, Chronic", "chronic lymphoid leukaemia"],
    ["Alzheimer's disease", "Alzheimer’s Disease", "alzheimer disease"],
    ["type II diabetes", "Diabetes, Type 2"],
    ["Sjögren's syndrome", "sjogren syndrome"],
    ["Hot Flashes", "hot flash"],
    ["psychoses", "Psychosis"],
  ];
  for (const [first, ...others] of spellings) {
    for (const other of others) assert.equal(conditionKey(other), conditionKey(first!), other);
  }
  assert.notEqual(conditionKey("hepatitis A"), conditionKey("hepatitis B"));
});

test("conditions as trials write them get the codes of their disease", () => {
  const expected: Record<string, string[]> = {
    "Stage IV Non-Small Cell Lung Cancer": ["C34"],
    "Carcinoma, Non-Small-Cell Lung (NSCLC)": ["C34"],
    "small cell lung carcinoma": ["C34"],
    "Recurrent Adult Acute Myeloid Leukemia": ["C92.0"],
    "Pulmonary Disease, Chronic Obstructive": ["J44"],
    "Hypertension, Pulmonary": ["I27"],
    "Stage II Squamous Cell Carcinoma of the Larynx": ["C32"],
    "Brain metastases from melanoma": ["C79.3", "C43"],
    "Depression in Parkinson's Disease": ["F32", "G20"],
    "Solid tumors and lymphoma": ["C85"],
    "Unspecified Adult Solid Tumor, Protocol Specific": ["C80"],
    "HIV Prevention": ["Z29.8"],
    "Healthy Volunteers": ["Z00.6"],
    "COVID-19": ["U07.1"],
    "quality of life": [],
    "Smith disease": [],
  };
  for (const [condition, codes] of Object.entries(expected)) {
    assert.deepEqual(shipped.lookup(condition), codes, condition);
  }
});

test("a bad line is named with its file, row and remedy", () => {
  const folder = mkdtempSync(join(tmpdir(), "conditions-"));
  const path = join(folder, "mine.tsv");
  const reading = (content: string) => () => {
    writeFileSync(path, content);
    return readConditions(path);
  };
  try {
    assert.equal(reading("# mine\nasthma|bronchial asthma\tJ45.9\n")().size, 2);
    assert.throws(reading("asthma\n"), /mine\.tsv, row 1: is not terms, a tab and codes/);
    assert.throws(reading("\nasthma\tlungs\n"), /mine\.tsv, row 2.*"lungs" is not an ICD-10 code/);
    assert.throws(reading("asthma\tJ99.1 J50\n"), /row 1.*"J50" lies in no block/);
    assert.throws(reading("asthma\tJ45\nAsthma\tJ46\n"), /row 2.*"Asthma" stands here with other/);
    assert.throws(reading("...\tJ45\n"), /row 1.*a term has no words/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
