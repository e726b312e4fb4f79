// Builds models/drugs.tsv, the drug vocabulary that ships: names and structures, nothing else.
//   npx tsc && node bench/drug-vocabulary.js [FOLDER with approved.csv, names.csv]
// Names of our own knowledge (brands, regimens, code names) come from
// bench/drug-synonyms.tsv. What is left out, and why, is printed.
import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { writeWhole } from "../dist/base/file.js";
import { loadChemistry, readVocabulary, SHIPPED_VOCABULARY } from "../dist/drug/index.js";
import { nameKey } from "../dist/drug/name.js";

const folder = process.argv[2] ?? new URL("../../shared/data/drugs", import.meta.url).pathname;
const read = (name) => readFileSync(`${folder}/${name}`, "utf8");
const chemistry = await loadChemistry();
const structures = new Map(); // key of a name → canonical SMILES, several separated by spaces
const lines = new Map(); // canonical SMILES → names
const rejected = [];

function add(name, smiles) {
  const key = nameKey(name);
  if (key === "" || /[|\t]/.test(name) || structures.has(key)) return;
  structures.set(key, smiles);
  lines.set(smiles, [...(lines.get(smiles) ?? []), name.toLowerCase()]);
}

// 1. Names with a structure of their own; where both files know a name, approved.csv counts.
for (const { name, smiles } of [
  ...parse(read("approved.csv"), { columns: true }),
  ...parse(read("names.csv"), { columns: true }),
]) {
  try {
    add(name, structures.get(nameKey(name)) ?? chemistry.canonical(smiles));
  } catch {
    rejected.push(name);
  }
}

function structureOf(drug) {
  try {
    return structures.get(nameKey(drug)) ?? chemistry.canonical(drug);
  } catch {
    return undefined;
  }
}

// 2. Our own synonyms.
for (const line of readFileSync(new URL("drug-synonyms.tsv", import.meta.url), "utf8").split(
  "\n",
)) {
  if (line === "" || line.startsWith("#")) continue;
  const [names, drugs] = line.split("\t");
  const parts = drugs.split(" + ").map(structureOf);
  if (parts.includes(undefined)) rejected.push(`${names} (${drugs})`);
  else for (const name of names.split("|")) add(name, parts.join(" "));
}

const header = `# Drug names and structures: name|other name<TAB>SMILES, of a combination SMILES SMILES.
# Made by bench/drug-vocabulary.js. Sources: approved drugs and drug names of public registries,
# our own list of brands, regimens and code names.
`;
const rows = [...lines].map(([smiles, names]) => `${names.join("|")}\t${smiles}`).sort();
writeWhole(SHIPPED_VOCABULARY, `${header + rows.join("\n")}\n`);
console.log(
  `${rows.length} structures, ${readVocabulary(SHIPPED_VOCABULARY, chemistry).size} names`,
);
console.log(`left out, no valid structure: ${rejected.join("; ") || "none"}`);
