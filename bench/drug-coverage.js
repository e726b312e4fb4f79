// How many drug names of real trials does the vocabulary know?
//   npx tsc && node bench/drug-coverage.js [--drugs FILE] [--unresolved N] [--sample N]
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { parse } from "csv-parse/sync";
import { readVocabulary, resolveDrugs, SHIPPED_VOCABULARY } from "../dist/drug/index.js";

const { values } = parseArgs({
  options: {
    drugs: { type: "string", default: SHIPPED_VOCABULARY },
    unresolved: { type: "string", default: "40" },
    sample: { type: "string", default: "0" },
  },
});
const vocabulary = readVocabulary(values.drugs);
const data = (name) => new URL(`../../shared/data/${name}`, import.meta.url);

// Only interventions matter here, so they are read plainly instead of as whole trials.
const top = (name) =>
  parse(readFileSync(data(`top/${name}.csv`)), { columns: true }).map(({ drugs }) =>
    [...drugs.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g)].map(([, a, b]) => ({
      type: "DRUG",
      name: (a ?? b).replace(/\\(.)/g, "$1"),
      otherNames: [],
    })),
  );
const registry = () =>
  gunzipSync(readFileSync(data("ctgov/studies.ndjson.gz")))
    .toString("utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).protocolSection.armsInterventionsModule?.interventions ?? [])
    .map((list) => list.map((one) => ({ otherNames: [], ...one })));

const TEST = "TOP phase I test"; // counted only: its names must not shape the vocabulary
const unresolved = new Map();
const resolutions = new Map();
const percent = (part, all) => `${((100 * part) / all).toFixed(1)} %`;
for (const [source, trials] of [
  ["TOP phase I train", top("phase_I_train")],
  ["TOP phase I valid", top("phase_I_valid")],
  [TEST, top("phase_I_test")],
  ["registry", registry()],
]) {
  const count = { names: 0, resolved: 0, ignored: 0, unresolved: 0, trials: 0, drugTrials: 0 };
  for (const interventions of trials) {
    let withMolecule = false;
    for (const intervention of interventions) {
      const result = resolveDrugs({ interventions: [intervention] }, vocabulary);
      count.names++;
      if (result.molecules.length > 0) {
        count.resolved++;
        withMolecule = true;
        if (source !== TEST) resolutions.set(intervention.name, result.molecules);
      } else if (result.unresolved.length > 0) count.unresolved++;
      else count.ignored++;
      if (source === TEST) continue;
      for (const name of result.unresolved) unresolved.set(name, (unresolved.get(name) ?? 0) + 1);
    }
    count.trials++;
    if (withMolecule) count.drugTrials++;
  }
  console.log(
    `${source}: ${count.names} names: resolved ${percent(count.resolved, count.names)}, ` +
      `ignored ${percent(count.ignored, count.names)}, unresolved ${percent(count.unresolved, count.names)}; ` +
      `${count.trials} trials: with a molecule ${percent(count.drugTrials, count.trials)}`,
  );
}
const frequent = [...unresolved].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
console.log(`\nunresolved, ${frequent.length} different, most frequent first:`);
for (const [name, times] of frequent.slice(0, Number(values.unresolved)))
  console.log(`${times}\t${name}`);

// Evenly spaced, so that the same sample shows what a change of the rules changed.
const step = resolutions.size / Number(values.sample);
[...resolutions]
  .sort()
  .filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step))
  .forEach(([name, molecules]) => {
    console.log(
      `${name}\t=> ${molecules.map((one) => `${one.name} [${one.smiles.slice(0, 30)}]`).join(" + ")}`,
    );
  });
