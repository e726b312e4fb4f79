import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readApproved } from "./approved.js";
import { loadChemistry } from "./molecule.js";
import { isOrdinary } from "./synonyms.js";

const folder = mkdtempSync(join(tmpdir(), "cladmop-approved-"));
after(() => rmSync(folder, { recursive: true }));
const chemistry = await loadChemistry();

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test("approved drugs are canonical SMILES; a fault is named by row", () => {
  const approved = readApproved(
    file("approved.csv", "name,smiles\nx,OCC\ny,[Na+].CC([O-])=O\n"),
    chemistry,
  );
  assert.deepEqual([...approved.molecules], ["CCO", "CC(=O)[O-]"]);
  const faulty = file("faulty.csv", "name,smiles\nx,CCO\ny,C1CC\n");
  assert.throws(
    () => readApproved(faulty, chemistry),
    /faulty\.csv, row 2, field "smiles": RDKit rejects/,
  );
  const bare = file("bare.csv", "name\nx\n");
  assert.throws(() => readApproved(bare, chemistry), /bare\.csv: lacks the column smiles/);
  const none = file("none.csv", "name,smiles\n");
  assert.throws(() => readApproved(none, chemistry), /none\.csv: lists no drug/);
  const gap = file("gap.csv", "name,smiles\nx,\n");
  assert.throws(
    () => readApproved(gap, chemistry),
    /gap\.csv, row 1, field "smiles": the SMILES is absent/,
  );
});

test("a vocabulary lists approved drugs, too, each molecule of a combination", () => {
  const path = file("approved.tsv", "# ours\nethanol|spirit\tOCC\npair\tCO CCl\n");
  const { molecules, names } = readApproved(path, chemistry);
  assert.deepEqual(molecules, new Set(["CCO", "CO", "CCl"]));
  const named = names.map(({ name, smiles }) => [name, ...smiles]);
  assert.deepEqual(named, [
    ["ethanol", "CCO"],
    ["spirit", "CCO"],
    ["pair", "CO", "CCl"],
  ]);
  const other = file("faulty.tsv", "a\tCCO\nb\tC1CC\n");
  assert.throws(() => readApproved(other, chemistry), /faulty\.tsv, row 2, field "SMILES": RDKit/);
});

test("bad rows are returned and good ones kept on request", () => {
  const csv = file("bad.csv", "name,smiles\na,CCO\nb,C1CC\nc,\nd,CO\n");
  const tsv = file("bad.tsv", "a\tCCO\nb\tC1CC\nc\nd\tCO\n");
  for (const [path, first] of [
    [csv, 'row 2, field "smiles": RDKit rejects'],
    [tsv, 'row 2, field "SMILES": RDKit rejects'],
  ] as const) {
    const { molecules, names, invalid } = readApproved(path, chemistry, { skipInvalid: true });
    assert.deepEqual([...molecules], ["CCO", "CO"]);
    assert.deepEqual(
      names.map(({ name }) => name),
      ["a", "d"],
    );
    assert.deepEqual(
      invalid.map(({ location }) => [location.file, location.row]),
      [2, 3].map((row) => [path, row]),
    );
    assert.ok(invalid[0]!.message.includes(first), invalid[0]!.message);
  }
  for (const [name, content] of [
    ["all.csv", "name,smiles\nb,C1CC\n"],
    ["all.tsv", "b\tC1CC\n"],
  ] as const)
    assert.throws(
      () => readApproved(file(name, content), chemistry, { skipInvalid: true }),
      /row 1, field "smiles": RDKit rejects/i,
    );
});

test("names must be there where drugs are found by them", () => {
  const path = file("nameless.csv", "nm,smiles\nx,CCO\n");
  assert.equal(readApproved(path, chemistry).molecules.size, 1);
  assert.throws(
    () => readApproved(path, chemistry, { needsNames: true }),
    /nameless\.csv: lacks the column name\. Give a CSV with the columns smiles, name$/,
  );
});

test("synonyms name the drugs of the list, unless they are vague", () => {
  const path = file(
    "ids.csv",
    "drugbank_id,name,smiles\nDB1,Ethanol,CCO\nDB2,Methanol,CO\nDB3,Twice,CC\nDB4,Twice,CCC\n",
  );
  const json = {
    DB1: ["Spirit", "Same thing", "Care", "Allergy Relief", "Wf1"],
    DB2: ["same-thing", "Wood spirit", "Ice"],
    DB9: ["Not in the list"],
  };
  const synonyms = file("synonyms.json", JSON.stringify(json));
  const approved = readApproved(path, chemistry, { synonyms });
  assert.deepEqual(
    approved.names.map(({ name }) => name),
    ["Ethanol", "Methanol"],
  );
  assert.deepEqual(
    approved.synonyms.map(({ name, smiles }) => [name, ...smiles]),
    [
      ["Spirit", "CCO"],
      ["Wf1", "CCO"],
      ["Wood spirit", "CO"],
    ],
  );
  assert.deepEqual(approved.vague, ["Twice", "Same thing", "Care", "Allergy Relief", "Ice"]);
});

test("names of ordinary words or of a few letters say too little; codes and drugs do not", () => {
  for (const name of ["Care", "Regular strength pain relief", "AL", "Cough"])
    assert.ok(isOrdinary(name), name);
  for (const name of ["Lotemax", "AN2728", "WF10", "GW 501516", "low-dose aspirin"])
    assert.ok(!isOrdinary(name), name);
});

test("faults of synonyms are named by file and field", () => {
  const ids = file("ids2.csv", "drugbank_id,smiles\nDB1,CCO\n");
  const bare = file("bare2.csv", "name,smiles\nx,CCO\n");
  const good = file("good.json", "{}");
  for (const [list, synonyms, message] of [
    [ids, file("broken.json", "{"), /broken\.json: is malformed JSON/],
    [ids, file("array.json", "[1]"), /array\.json: is not a list of names/],
    [ids, file("text.json", '{"DB1": "x"}'), /text\.json, field "DB1": is not a list of names/],
    [bare, good, /bare2\.csv: lacks the column drugbank_id\. Give .*, or no synonyms/],
    [file("tsv.tsv", "a\tCCO\n"), good, /tsv\.tsv: is a vocabulary, which has no DrugBank ids/],
  ] as const)
    assert.throws(() => readApproved(list, chemistry, { synonyms }), message);
});
