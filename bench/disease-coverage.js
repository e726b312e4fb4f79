// How many conditions of real trials get tokens, and do TOP and the registry give a trial the same?
//   npx tsc && node bench/disease-coverage.js [--conditions FILE] [--unresolved N]
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import {
  ancestors,
  MAX_TOKENS,
  readConditions,
  resolveDiseases,
  SHIPPED_CONDITIONS,
} from "../dist/disease/index.js";
import { readTrials } from "../dist/trial/index.js";

const { values } = parseArgs({
  options: {
    conditions: { type: "string", default: SHIPPED_CONDITIONS },
    unresolved: { type: "string", default: "40" },
  },
});
const vocabulary = readConditions(values.conditions);
const read = (name) =>
  readTrials(fileURLToPath(new URL(`../../shared/data/${name}`, import.meta.url)), {
    skipInvalid: true,
  }).records.map(({ trial }) => trial);
const percent = (part, all) => `${((100 * part) / all).toFixed(1)} %`;

// Choices are made on training trials and the registry alone; of the others only the coverage is seen.
const TRAIN = [
  "phase_I_train",
  "phase_II_train_partial",
  "phase_III_train_partial",
  "other_successful",
];
const HELD_OUT = ["phase_I_valid", "phase_I_test"];
const sources = new Map(
  [...TRAIN, ...HELD_OUT].map((name) => [`top/${name}`, read(`top/${name}.csv`)]),
);
const registry = read("ctgov/studies.ndjson.gz");
sources.set("ctgov", registry);
const training = TRAIN.flatMap((name) => sources.get(`top/${name}`));

const unresolved = new Map();
for (const [source, trials] of sources) {
  const resolved = trials.map((trial) => resolveDiseases(trial, vocabulary));
  const conditions = trials.flatMap((trial) => trial.conditions);
  const known = conditions.filter((name) => vocabulary.lookup(name).length > 0);
  const full = resolved.filter(({ flat }) => flat.length === MAX_TOKENS).length;
  const counts = resolved.map(({ flat }) => flat.length).sort((a, b) => a - b);
  console.log(
    `${source}: ${percent(known.length, conditions.length)} of ${conditions.length} conditions known by name, ` +
      `${percent(counts.filter((n) => n > 0).length, trials.length)} of ${trials.length} trials with tokens; ` +
      `tokens a trial: median ${counts[counts.length >> 1]}, at the limit ${percent(full, trials.length)}`,
  );
  if (HELD_OUT.some((name) => source.endsWith(name))) continue;
  for (const name of resolved.flatMap((one) => one.unresolved)) {
    const key = name.toLowerCase();
    unresolved.set(key, (unresolved.get(key) ?? 0) + 1);
  }
}

const codes = new Set([...sources.values()].flat().flatMap((trial) => trial.icd10.flat()));
const inHierarchy = [...codes].filter((code) => ancestors(code).length >= 3);
console.log(
  `\n${percent(inHierarchy.length, codes.size)} of TOP's ${codes.size} codes find their way`,
);

// Does what TOP's codes say agree with what the name says?
const agree = { category: 0, block: 0, chapter: 0 };
let compared = 0;
for (const trial of training) {
  if (trial.icd10.length !== trial.conditions.length) continue;
  for (const [index, condition] of trial.conditions.entries()) {
    const byName = new Set(vocabulary.lookup(condition).flatMap(ancestors));
    if (byName.size === 0) continue;
    compared++;
    const given = trial.icd10[index].flatMap(ancestors);
    for (const level of Object.keys(agree)) {
      if (given.some((token) => token.startsWith(`${level}:`) && byName.has(token))) agree[level]++;
    }
  }
}
console.log(
  `Of ${compared} coded conditions with a known name, a given code agrees with the name ` +
    Object.entries(agree)
      .map(([level, count]) => `in the ${level} for ${percent(count, compared)}`)
      .join(", "),
);

// The same trial read from both sources: the tokens by the rule, and by TOP's codes alone.
const byId = new Map(
  registry.map((trial) => [trial.nctId, resolveDiseases(trial, vocabulary).flat]),
);
const overlap = (a, b) => {
  const both = a.filter((token) => b.includes(token)).length;
  return both / Math.max(1, new Set([...a, ...b]).size);
};
const jaccard = { rule: [], codes: [] };
for (const trial of training) {
  const other = byId.get(trial.nctId);
  if (other === undefined) continue;
  jaccard.rule.push(overlap(resolveDiseases(trial, vocabulary).flat, other));
  jaccard.codes.push(overlap([...new Set(trial.icd10.flat().flatMap(ancestors))], other));
}
const mean = (list) => (list.reduce((sum, one) => sum + one, 0) / list.length).toFixed(3);
console.log(
  `${jaccard.rule.length} training trials in both sources: overlap of tokens (Jaccard) ${mean(jaccard.rule)}, ` +
    `equal for ${jaccard.rule.filter((one) => one === 1).length}; with TOP's codes instead ${mean(jaccard.codes)}`,
);

console.log("\nMost frequent unresolved:");
for (const [name, times] of [...unresolved]
  .sort(([, a], [, b]) => b - a)
  .slice(0, Number(values.unresolved))) {
  console.log(`  ${times} ${name}`);
}
