import assert from "node:assert/strict";
import { test } from "node:test";
import { loadChemistry } from "./molecule.js";
import { refuseOversized } from "./size.js";
import { readVocabulary, SHIPPED_VOCABULARY } from "./vocabulary.js";

const chemistry = await loadChemistry();
const TOO_LARGE: Record<string, string> = {
  "a chain": "C".repeat(501),
  "a longer chain": "C".repeat(1900),
  "deep branches": `${"C(".repeat(500)}C${")".repeat(500)}`,
  "a large ring": `C1${"C".repeat(500)}C1`,
  "side groups": "C(C)".repeat(301),
  salts: "C.".repeat(600).concat("C"),
  rings: "C1CC1".repeat(101),
  polyphenyl: "c1ccc(cc1)-".repeat(101).concat("c1ccccc1"),
  "rings of two digits": "C%10CC%10".repeat(101),
  "open brackets": "[".repeat(5000),
  "much text": "(".repeat(100_000),
};

test("what is too large for RDKit is refused from its text, and a good molecule is read after it", () => {
  for (const [name, smiles] of Object.entries(TOO_LARGE)) {
    for (const read of [chemistry.canonical, chemistry.fingerprint, chemistry.drawing])
      assert.throws(
        () => read(smiles),
        { name: "InputError", message: /is too large: \d+ / },
        name,
      );
    assert.equal(chemistry.canonical("OCC"), "CCO", name);
  }
});

test("the largest of each form are read, and a good molecule after them", () => {
  for (const smiles of [
    "C".repeat(500),
    `${"C(".repeat(499)}C${")".repeat(499)}`,
    `C1${"C".repeat(496)}C1`,
    "C(C)".repeat(300),
    "C.".repeat(599).concat("C"),
    "C1CC1".repeat(100),
  ]) {
    assert.ok(chemistry.canonical(smiles));
    assert.ok(chemistry.fingerprint(smiles).includes(1));
    assert.ok(chemistry.descriptors(smiles).every(Number.isFinite));
    assert.equal(chemistry.canonical("OCC"), "CCO");
    assert.equal(chemistry.fingerprint("CCO").filter(Boolean).length, 6);
  }
});

test("atoms at which many rings close are few", () => {
  const ferrocene = "[Fe]123456789C%10C1C2C3C4%10.C5%11C6C7C8C9%11";
  assert.doesNotThrow(() => refuseOversized(ferrocene));
  // Complete graphs: each atom closes a ring with each that is not its neighbour in the text.
  assert.throws(() => refuseOversized(clique(12)), /12 atoms at which more than 4 rings close/);
  assert.doesNotThrow(() => refuseOversized(clique(5)));
});

function clique(size: number): string {
  const label = (i: number, j: number) => `%(${i * size + j})`;
  return Array.from({ length: size }, (_, i) => {
    const rings = Array.from({ length: size }, (_, j) =>
      Math.abs(i - j) > 1 ? label(Math.min(i, j), Math.max(i, j)) : "",
    );
    return `[U]${rings.join("")}`;
  }).join("");
}

test("every drug of the shipped vocabulary is small enough", () => {
  for (const { smiles } of readVocabulary(SHIPPED_VOCABULARY).drugs)
    for (const one of smiles) assert.doesNotThrow(() => refuseOversized(one));
});
