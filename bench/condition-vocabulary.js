// Is models/conditions.tsv sound, and which conditions of real trials does it still lack?
//   npx tsc && node bench/condition-vocabulary.js [--write] [--candidates N]
// The pairs are facts a person chose. TOP's own codes, hits of a text search, only serve as a hint:
// too many are wrong (lymphoma is coded as dislocations of the spine) to be taken over unseen. So
// this script checks the table, and lists what to add by hand: unknown conditions of the training
// files with the categories TOP gives them. --write puts the table in the order of ICD-10-CM, under
// the titles of its chapters, and drops spellings that normalise to a term it already has.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import {
  ancestors,
  CHAPTERS,
  conditionKey,
  readConditions,
  SHIPPED_CONDITIONS,
} from "../dist/disease/index.js";
import { readTrials } from "../dist/trial/index.js";

const { values } = parseArgs({
  options: {
    write: { type: "boolean", default: false },
    candidates: { type: "string", default: "60" },
  },
});
const vocabulary = readConditions(SHIPPED_CONDITIONS);
console.log(`${vocabulary.size} terms`);

const rows = readFileSync(SHIPPED_CONDITIONS, "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => line.split("\t"))
  .map(([terms, codes]) => ({
    terms: terms.split("|"),
    codes,
    path: ancestors(codes.split(" ")[0]),
  }));

if (values.write) {
  const keys = new Set();
  const isNew = (term) => !keys.has(conditionKey(term)) && keys.add(conditionKey(term));
  const lines = ["# Conditions and their ICD-10-CM codes: term|other term<TAB>code code"];
  for (const chapter of CHAPTERS) {
    const inside = chapter.blocks.flatMap(({ range }) =>
      rows
        .filter(({ path }) => path[1] === `block:${range}`)
        .sort((a, b) => (a.codes < b.codes ? -1 : 1)),
    );
    if (inside.length > 0) lines.push("", `# ${chapter.range} ${chapter.title}`);
    for (const { terms, codes } of inside) {
      const kept = terms.filter(isNew);
      if (kept.length > 0) lines.push(`${kept.join("|")}\t${codes}`);
    }
  }
  writeFileSync(SHIPPED_CONDITIONS, `${lines.join("\n")}\n`);
}

const unknown = new Map();
for (const name of [
  "phase_I_train",
  "phase_II_train_partial",
  "phase_III_train_partial",
  "other_successful",
]) {
  const file = fileURLToPath(new URL(`../../shared/data/top/${name}.csv`, import.meta.url));
  for (const { trial } of readTrials(file, { skipInvalid: true }).records) {
    const aligned = trial.icd10.length === trial.conditions.length;
    for (const [index, condition] of trial.conditions.entries()) {
      if (vocabulary.lookup(condition).length > 0) continue;
      const entry = unknown.get(condition) ?? { times: 0, categories: new Set() };
      entry.times++;
      const given = aligned ? trial.icd10[index] : [];
      for (const code of given) entry.categories.add(code.slice(0, 3));
      unknown.set(condition, entry);
    }
  }
}
console.log(`${unknown.size} conditions of the training files are unknown; the most frequent:`);
const byTimes = [...unknown].sort(([, a], [, b]) => b.times - a.times);
for (const [condition, { times, categories }] of byTimes.slice(0, Number(values.candidates))) {
  console.log(`  ${times} ${condition}\t${[...categories].join(" ")}`);
}
