// Which vector makes neighbours of trials that a reader would call similar? For each trial of later files the 10
// nearest of earlier ones: the share that has its disease (chapter, block or category of ICD-10), one of its drugs, its
// phase, its outcome. Trials without a resolved disease or drug do not count there. Beside TF-IDF cosine, all in one run.
//
//   npm run build && node bench/similar.js ../shared/data/top [--past 2000] [--queries 300] [--model models/top]
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SHIPPED_CONDITIONS } from "../dist/disease/index.js";
import { SHIPPED_VOCABULARY } from "../dist/drug/index.js";
import { cpu } from "../dist/graph/index.js";
import { countBlocks, loadEncoder } from "../dist/language/index.js";
import {
  createGrouper,
  createMatcher,
  describeTrial,
  levelsOf,
  loadResources,
  meanStates,
  readModel,
} from "../dist/model/index.js";
import { applyTfIdf, fitTfIdf } from "../dist/shallow/index.js";
import { readTrials } from "../dist/trial/index.js";

const { values, positionals } = parseArgs({
  options: {
    model: { type: "string", default: "models/top" },
    past: { type: "string", default: "2000" },
    queries: { type: "string", default: "300" },
  },
  allowPositionals: true,
});
const NEAREST = 10;
const BATCH = 8;
const folder = positionals[0];
const SPLITS = ["phase_I", "phase_II", "phase_III"];

const past = sample(
  read(SPLITS.map((phase) => `${phase}_train${phase === "phase_I" ? "" : "_partial"}.csv`)),
  Number(values.past),
);
const known = new Set(past.map(({ trial }) => trial.nctId));
const queries = sample(
  read(SPLITS.map((phase) => `${phase}_valid.csv`)).filter(({ trial }) => !known.has(trial.nctId)),
  Number(values.queries),
);
const records = [...past, ...queries];

const { card, parameters } = readModel(values.model, "model");
const { config } = card;
const encoderFolder = join(values.model, "encoder");
const processor = cpu(2);
const encoder = loadEncoder(encoderFolder, levelsOf(config, countBlocks(encoderFolder)), processor);
const settings = { batch: BATCH, processor, seed: 0 };
const grouper = await createGrouper(config, parameters, { ...settings, depth: encoder.width });
const table = new Map(card.diseases.map((token, i) => [token, i + 1]));
const matcher = await createMatcher(config, table, parameters, settings);
const resources = await loadResources(SHIPPED_VOCABULARY, SHIPPED_CONDITIONS);
const features = records.map(({ trial }) => describeTrial(trial, resources));

const parts = { states: [], last: [], first: [], criteria: [], molecules: [] };
for (let first = 0; first < features.length; first += BATCH) {
  const lot = features.slice(first, first + BATCH);
  const states = await encoder.encode(lot.map(({ text }) => text));
  const grouped = await grouper.group(states);
  const rows = lot.map((one, i) => ({ features: one, grouped: grouped[i] }));
  for (const [i, { criteria, molecules }] of (await matcher.match(rows)).entries()) {
    const mean = meanStates(states[i]);
    parts.states.push(mean);
    parts.first.push(mean.slice(0, encoder.width));
    parts.last.push(mean.slice(-encoder.width));
    parts.criteria.push(criteria);
    parts.molecules.push(molecules);
  }
  if (first % 400 === 0) console.error(`${first} of ${features.length} trials`);
}

const { states, first, last, criteria, molecules } = parts;
const centredFirst = centred(first);
const centredLast = centred(last);
const centredStates = centred(states);
const whitened = standardised(states);
const both = { criteria: centred(criteria), molecules: centred(molecules) };
const words = { analyzer: "word", ngrams: [1, 1], minTexts: 2, sublinear: true };
const all = features.map(
  ({ text, diseases, molecules: own }) =>
    `${text} ${diseases.map((token) => token.replace(/\W/g, "_")).join(" ")} ${own.map(({ name }) => name.replace(/\W/g, "_")).join(" ")}`,
);
const candidates = {
  "at random": undefined,
  "TF-IDF, words of the criteria": tfIdf(features.map(({ text }) => text)),
  "TF-IDF, with diseases and drugs": tfIdf(all),
  "mean states, first level": [first],
  "mean states, last level": [last],
  "mean states, all levels": [states],
  "first level, centred": [centredFirst],
  "last level, centred": [centredLast],
  "all levels, centred": [centredStates],
  "all levels, standardised": [whitened],
  f_C: [criteria],
  f_DM: [molecules],
  "f_DM, centred": [both.molecules],
  "f_C + f_DM": [criteria, molecules],
  "f_C + f_DM, centred": [both.criteria, both.molecules],
  "last level + f_DM": [last, molecules],
  "last level, centred + f_DM": [centredLast, molecules],
  "all levels, centred + f_DM": [centredStates, molecules],
  "all levels, centred + f_DM, centred": [centredStates, both.molecules],
  "all levels, standardised + f_DM": [whitened, molecules],
  "first level, centred + f_DM": [centredFirst, molecules],
  "all levels, centred + f_C + f_DM": [centredStates, both.criteria, both.molecules],
};
console.log(`${past.length} past trials, ${queries.length} queries, ${NEAREST} nearest each`);
console.table(
  Object.fromEntries(
    Object.entries(candidates).map(([name, candidate]) => [name, figures(similarities(candidate))]),
  ),
);
await encoder.release();
await grouper.release();
await matcher.release();

function read(names) {
  const seen = new Set();
  const rows = names.flatMap((name) => readTrials(join(folder, name)).records);
  return rows.filter(({ trial }) => !seen.has(trial.nctId) && seen.add(trial.nctId));
}
/** So many of the rows, spread evenly. */
function sample(rows, count) {
  if (rows.length <= count) return rows;
  return Array.from({ length: count }, (_, i) => rows[Math.floor((i * rows.length) / count)]);
}
function centred(vectors) {
  const means = columnMeans(vectors);
  return vectors.map((vector) => vector.map((x, i) => x - means[i]));
}
function standardised(vectors) {
  const moved = centred(vectors);
  const variances = columnMeans(moved.map((vector) => vector.map((x) => x * x)));
  return moved.map((vector) => vector.map((x, i) => x / Math.sqrt(variances[i] || 1)));
}
/** Over the past trials alone. */
function columnMeans(vectors) {
  const means = new Float64Array(vectors[0].length);
  for (const vector of vectors.slice(0, past.length))
    vector.forEach((x, i) => {
      means[i] += x / past.length;
    });
  return means;
}
function tfIdf(texts) {
  const model = fitTfIdf(texts.slice(0, past.length), words);
  const { starts, indices, values: weights } = applyTfIdf(model, texts);
  const width = model.idf.length;
  return [
    texts.map((_, row) => {
      const vector = new Float32Array(width);
      for (let i = starts[row]; i < starts[row + 1]; i++) vector[indices[i]] = weights[i];
      return vector;
    }),
  ];
}
/** Cosines of joined directions: [queries][past]. */
function similarities(blocks) {
  if (blocks === undefined)
    return queries.map((_, q) => past.map((_, p) => (p * 7919 + q * 104729) % 10007));
  const directions = blocks.map((vectors) =>
    vectors.map((vector) => {
      const length = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0)) || 1;
      return vector.map((x) => x / length);
    }),
  );
  return queries.map((_, q) =>
    past.map((_, p) => directions.reduce((sum, own) => sum + dot(own[past.length + q], own[p]), 0)),
  );
}
function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
function figures(rows) {
  const share = (valuesOf) => {
    let [hits, count] = [0, 0];
    rows.forEach((scores, q) => {
      const own = valuesOf(past.length + q);
      if (own.length === 0) return;
      const nearest = scores
        .map((score, p) => [score, p])
        .sort((a, b) => b[0] - a[0])
        .slice(0, NEAREST);
      for (const [, p] of nearest) {
        count++;
        if (valuesOf(p).some((value) => own.includes(value))) hits++;
      }
    });
    return (hits / count).toFixed(3);
  };
  const level = (name) => (i) => features[i].diseases.filter((token) => token.startsWith(name));
  return {
    chapter: share(level("chapter")),
    block: share(level("block")),
    category: share(level("category")),
    drug: share((i) => features[i].molecules.map(({ smiles }) => smiles)),
    phase: share((i) => [features[i].phase]),
    outcome: share((i) => [records[i].outcome.label]),
  };
}
