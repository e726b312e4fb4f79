import assert from "node:assert/strict";
import { test } from "node:test";
import { InputError } from "../base/error.js";
import { DESCRIPTORS, FINGERPRINT_BITS, loadChemistry, renewable } from "./molecule.js";
import { loadRdkit } from "./rdkit.js";

// Computed with an independent build, Debian's python3-rdkit 2022.09.3:
// SMILES, Descriptors.MolWt, Crippen.MolLogP, CalcTPSA, CalcNumLipinskiHBD, CalcNumLipinskiHBA,
// on-bits of AllChem.GetMorganFingerprintAsBitVect(molecule, 2, 2048).
const REFERENCE: readonly (readonly [string, number, number, number, number, number, string])[] = [
  [
    "CC(=O)Oc1ccccc1C(=O)O",
    180.159,
    1.3101,
    63.6,
    1,
    4,
    "389 456 650 695 807 909 1017 1035 1047 1057 1088 1199 1380 1410 1447 1468 1616 1729 1750 1775 1873 1917 1970 1991",
  ],
  [
    "Cn1c(=O)c2c(ncn2C)n(C)c1=O",
    194.194,
    -1.0293,
    61.82,
    0,
    6,
    "33 314 378 400 463 504 564 650 771 932 935 1024 1057 1145 1203 1258 1307 1354 1380 1409 1440 1452 1517 1696 1873",
  ],
  [
    "CN(C)C(=N)NC(N)=N",
    129.167,
    -1.0342,
    88.99,
    5,
    5,
    "140 155 228 623 807 832 881 1057 1104 1119 1152 1163 1171 1451 1653 1812 2020",
  ],
  [
    "CSCCC(N)C(=O)O",
    149.215,
    0.1514,
    63.32,
    3,
    3,
    "1 11 80 116 389 394 650 739 786 807 1021 1057 1171 1182 1427 1558 1791 1844 1849 1917 1942",
  ],
  [
    "Cc1ccc(NC(=O)c2ccc(CN3CCN(C)CC3)cc2)cc1Nc1nccc(-c2cccnc2)n1",
    493.615,
    4.5903,
    86.28,
    2,
    8,
    "14 74 80 184 191 207 257 310 378 437 458 486 491 541 555 650 658 736 784 787 807 843 875 926 935 980 1043 1057 1085 1088 1145 1152 1160 1224 1236 1380 1385 1391 1423 1452 1480 1535 1582 1586 1603 1665 1683 1691 1697 1722 1750 1754 1765 1771 1791 1795 1816 1819 1855 1866 1873 1917 1956 1978 2036",
  ],
  [
    "CC(C)Cc1ccc(C(C)C(=O)O)cc1",
    206.285,
    3.0732,
    37.3,
    1,
    2,
    "1 79 80 283 310 389 650 807 854 857 900 921 955 1057 1146 1257 1365 1380 1750 1754 1844 1847 1853 1873 1917",
  ],
  [
    "O=C(c1cc(Cc2n[nH]c(=O)c3ccccc23)ccc1F)N1CCN(C(=O)C2CC2)CC1",
    434.471,
    2.3474,
    86.37,
    1,
    7,
    "53 74 80 216 246 310 314 362 378 384 454 650 699 750 754 807 875 898 926 929 934 935 942 944 974 1019 1024 1088 1114 1199 1325 1357 1380 1430 1480 1504 1535 1561 1573 1589 1740 1750 1754 1776 1840 1873 1897 1917 1928 1930 1934 1991 2004 2009",
  ],
  [
    "C[C@@H]1C[C@H]2[C@@H]3CCC4=CC(=O)C=C[C@]4(C)[C@@]3(F)[C@@H](O)C[C@]2(C)[C@@]1(O)C(=O)CO",
    392.467,
    1.8957,
    94.83,
    3,
    5,
    "61 80 84 182 222 251 314 460 504 519 540 547 650 679 748 760 787 807 926 967 1019 1020 1042 1057 1060 1154 1165 1194 1257 1274 1292 1309 1325 1380 1428 1436 1448 1556 1609 1612 1624 1664 1738 1774 1791 1828 1873 1909 1917 1928 1975 1997 2021 2026",
  ],
  [
    "O=c1[nH]cc(F)c(=O)[nH]1",
    130.078,
    -0.7977,
    65.72,
    2,
    4,
    "23 314 650 699 750 806 1114 1373 1380 1745 1779 1840 1873 1876 1879 1928 1977 2004 2032",
  ],
  [
    "Cc1cn([C@H]2C[C@H](N=[N+]=[N-])[C@@H](CO)O2)c(=O)[nH]c1=O",
    267.245,
    -0.1963,
    133.08,
    2,
    9,
    "4 80 86 130 222 314 464 487 577 610 650 656 725 740 750 758 807 872 926 935 1019 1048 1057 1114 1184 1286 1292 1328 1380 1391 1401 1449 1463 1469 1516 1587 1629 1722 1745 1764 1819 1838 1873 1920 1921 1981",
  ],
];

const chemistry = await loadChemistry();
const onBits = (smiles: string) =>
  [...chemistry.fingerprint(smiles)].flatMap((bit, index) => (bit === 1 ? [index] : []));

test("fingerprints agree with an independent build of RDKit", () => {
  for (const [smiles, , , , , , bits] of REFERENCE) {
    assert.equal(chemistry.fingerprint(smiles).length, FINGERPRINT_BITS);
    assert.equal(onBits(smiles).join(" "), bits, smiles);
  }
});

test("descriptors agree with an independent build of RDKit", () => {
  for (const [smiles, ...expected] of REFERENCE) {
    const values = chemistry.descriptors(smiles);
    assert.equal(values.length, DESCRIPTORS.length);
    for (const [index, value] of expected.slice(0, 5).entries()) {
      const difference = Math.abs(values[index]! - Number(value));
      assert.ok(difference < 0.006, `${smiles} ${DESCRIPTORS[index]}: ${values[index]}`);
    }
  }
});

test("a salt is its largest component", () => {
  assert.equal(chemistry.canonical("[Na+].[O-]C(=O)C"), "CC(=O)[O-]");
  assert.deepEqual(
    chemistry.fingerprint("Cl.CN(C)C(=N)NC(N)=N"),
    chemistry.fingerprint("CN(C)C(=N)NC(N)=N"),
  );
});

test("a SMILES that RDKit rejects is named", () => {
  for (const smiles of ["C1CC", "not a molecule", ""]) {
    const named = (error: unknown) =>
      error instanceof InputError && error.message.includes(`"${smiles}"`);
    assert.throws(() => chemistry.fingerprint(smiles), named);
    assert.throws(() => chemistry.descriptors(smiles), named);
  }
});

test("a drawing is paths in the colour of the text, and nothing else", () => {
  const drawing = chemistry.drawing("C[C@H](N)C(=O)[O-].[Na+]");
  const [root, ...tags] = drawing.match(/<[^>]*>/g)!;
  assert.match(root!, /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" [^>]* fill="currentColor">$/);
  assert.equal(tags.pop(), "</svg>");
  assert.ok(tags.length > 20);
  const path =
    /^<path d="[MLQCZ\d ,.-]+"( fill="none")?( stroke="currentColor" stroke-width="[\d.]+")?\/>$/;
  for (const tag of tags) assert.match(tag, path);
  assert.ok(chemistry.drawing("C[C@H](N)C(=O)O") !== drawing, "the salt is drawn, too");
  assert.throws(() => chemistry.drawing("<script>"), { name: "InputError", message: /rejects/ });
  assert.throws(() => chemistry.drawing("C".repeat(300)), {
    name: "InputError",
    message: /300 heavy atoms is too large/,
  });
});

test("an RDKit that failed is not used again but loaded anew", async () => {
  let loads = 0;
  const load = renewable(async () => {
    loads++;
    const rdkit = await loadRdkit();
    let broken = false;
    return Object.assign(Object.create(rdkit), {
      get_mol(smiles: string) {
        broken ||= smiles === "CCCC";
        if (broken) throw new RangeError("memory access out of bounds");
        return rdkit.get_mol(smiles);
      },
    });
  });
  const own = await load();
  assert.throws(() => own.canonical("CCCC"), {
    name: "InputError",
    message: /fails on the SMILES "CCCC": memory access out of bounds/,
  });
  assert.throws(() => own.canonical("OCC"), { name: "Error", message: /loaded anew/ });
  assert.equal((await load()).canonical("OCC"), "CCO");
  assert.equal(own.canonical("OCC"), "CCO", "whoever holds it can use it again");
  assert.equal(loads, 2);
});
