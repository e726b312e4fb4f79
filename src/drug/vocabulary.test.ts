import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { InputError } from "../base/error.js";
import { loadChemistry } from "./molecule.js";
import { joinVocabularies, readVocabulary, writeVocabulary } from "./vocabulary.js";

const folder = mkdtempSync(join(tmpdir(), "cladmop-drug-"));
after(() => rmSync(folder, { recursive: true }));
const chemistry = await loadChemistry();

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test("a vocabulary knows names, other names and combinations in any spelling", () => {
  const path = file("drugs.tsv", "# ours\nEthanol|ethyl alcohol\tCCO\n\npair\tCCO CO\n");
  const { size, lookup } = readVocabulary(path, chemistry);
  assert.equal(size, 3);
  assert.deepEqual(lookup("ETHYL-ALCOHOL"), ["CCO"]);
  assert.deepEqual(lookup("Pair"), ["CCO", "CO"]);
  assert.equal(lookup("methanol"), undefined);
});

test("faults of a vocabulary are named by file, row and field", () => {
  for (const [text, message] of [
    ["ethanol CCO\n", /row 1: is not a name, a tab and a SMILES/],
    ["a\tCCO\nb\t\n", /row 2: is not/],
    ["a\tCCO\nA\tCO\n", /row 2, field "name": "A" stands here with a second SMILES/],
    ["a||b\tCCO\n", /row 1, field "name": a name is empty/],
    ["# x\na\tC1CC\n", /row 2, field "SMILES": RDKit rejects the SMILES "C1CC"/],
  ] as const) {
    const path = file("faulty.tsv", text);
    assert.throws(
      () => readVocabulary(path, chemistry),
      (error) =>
        error instanceof InputError &&
        error.message.startsWith(path) &&
        message.test(error.message),
    );
  }
});

test("of several lists the first that knows a name counts; what is written is read again", () => {
  const ours = [
    { name: "Ethanol|spirit\t#1", smiles: ["CCO"] },
    { name: "pair", smiles: ["CCO", "CO"] },
  ];
  const joined = joinVocabularies(ours, [
    { name: "ETHANOL spirit 1", smiles: ["C"] },
    { name: "alcohol", smiles: ["CCO"] },
    { name: "®", smiles: ["C"] },
  ]);
  assert.equal(joined.size, 3);
  const path = join(folder, "written.tsv");
  writeVocabulary(path, joined);
  const { size, lookup } = readVocabulary(path, chemistry);
  assert.equal(size, 3);
  for (const [name, smiles] of [
    ["ethanol spirit 1", ["CCO"]],
    ["alcohol", ["CCO"]],
    ["pair", ["CCO", "CO"]],
  ] as const)
    assert.deepEqual([joined.lookup(name), lookup(name)], [smiles, smiles]);
});
