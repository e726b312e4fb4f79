// Builds models/drugs.tsv, the drug vocabulary that ships: names and structures, nothing else.
//   npx tsc && node bench/drug-vocabulary.js [FOLDER with approved.csv, names.csv, aliases.json]
// Names of our own knowledge (brands of combinations, regimens, code names) come from
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
const approved = parse(read("approved.csv"), { columns: true });
const structureOfId = new Map();
for (const { name, smiles, drugbank_id: ids } of [
  ...approved,
  ...parse(read("names.csv"), { columns: true }),
]) {
  try {
    const canonical = structures.get(nameKey(name)) ?? chemistry.canonical(smiles);
    add(name, canonical);
    for (const id of ids?.split(";") ?? []) structureOfId.set(id, canonical);
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

// 2. Our own synonyms; they come before those of the sources, which know a combination by one part.
for (const line of readFileSync(new URL("drug-synonyms.tsv", import.meta.url), "utf8").split(
  "\n",
)) {
  if (line === "" || line.startsWith("#")) continue;
  const [names, drugs] = line.split("\t");
  const parts = drugs.split(" + ").map(structureOf);
  if (parts.includes(undefined)) rejected.push(`${names} (${drugs})`);
  else for (const name of names.split("|")) add(name, parts.join(" "));
}

// 3. Brand and other names of approved drugs: short ones that mean one drug and no everyday word.
const EVERYDAY = new Set(
  `allergy body regimen advanced care prevent perform uterine muscle better cough allergen hand mucosa
  fast acne solution band nodular awake gradient laxative antacid easy cor comfort diphosphate alert
  safeguard android formalin pre-op wake-up noptic same analgesic anesthetic antimicrobial antifungal
  antibacterial anti-fungal antiseptic today linea ethos molly modal lion soma quark renewal acclaim
  stag ting epoch ice relief fresh original clear skin first sleep sunscreen moisture benzodiazepine bayer
  pain arthritis`.split(/\s+/),
);
const meanings = new Map();
for (const [id, names] of Object.entries(JSON.parse(read("aliases.json")))) {
  const smiles = structureOfId.get(id);
  if (smiles === undefined) continue;
  for (const name of names) {
    const key = nameKey(name);
    const short =
      name.split(" ").length <= 2 && (key.length >= 5 || (key.length === 4 && /\d/.test(key)));
    if (
      !short ||
      name
        .toLowerCase()
        .split(" ")
        .some((word) => EVERYDAY.has(word))
    )
      continue;
    meanings.set(key, { name, smiles: new Set([...(meanings.get(key)?.smiles ?? []), smiles]) });
  }
}
const ambiguous = [...meanings.values()].filter(({ smiles }) => smiles.size > 1);
for (const { name, smiles } of meanings.values()) if (smiles.size === 1) add(name, [...smiles][0]);

const header = `# Drug names and structures: name|other name<TAB>SMILES, of a combination SMILES SMILES.
# Made by bench/drug-vocabulary.js. Sources: approved drugs and drug names of public registries,
# DrugBank synonyms (CC BY-NC 4.0), our own list of brands, regimens and code names.
`;
const rows = [...lines].map(([smiles, names]) => `${names.join("|")}\t${smiles}`).sort();
writeWhole(SHIPPED_VOCABULARY, `${header + rows.join("\n")}\n`);
console.log(
  `${rows.length} structures, ${readVocabulary(SHIPPED_VOCABULARY, chemistry).size} names`,
);
console.log(`left out, no valid structure: ${rejected.join("; ") || "none"}`);
console.log(`left out, ambiguous: ${ambiguous.map(({ name }) => name).join("; ")}`);
