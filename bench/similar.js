// Which vector makes neighbours of trials that a reader would call similar? For each trial of later files the 10
// nearest of earlier ones: the share that has its disease (chapter, block or category of ICD-10), one of its drugs, its
// phase, its outcome, and how alike their criteria are (mean TF-IDF cosine). Trials without a resolved disease or drug
// do not count there. Beside TF-IDF cosine, all in one run.
//
//   npm run build && node bench/similar.js ../shared/data/top [--past 1500] [--queries 250] [--model models/top]
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
    past: { type: "string", default: "1500" },
    queries: { type: "string", default: "250" },
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

const parts = { states: [], last: [], criteria: [], molecules: [] };
for (let first = 0; first < features.length; first += BATCH) {
  const lot = features.slice(first, first + BATCH);
  const states = await encoder.encode(lot.map(({ text }) => text));
  const grouped = await grouper.group(states);
  const rows = lot.map((one, i) => ({ features: one, grouped: grouped[i] }));
  for (const [i, { criteria, molecules }] of (await matcher.match(rows)).entries()) {
    const mean = meanStates(states[i]);
    parts.states.push(mean);
    parts.last.push(mean.slice(-encoder.width));
    parts.criteria.push(criteria);
    parts.molecules.push(molecules);
  }
  if (first % 400 === 0) console.error(`${first} of ${features.length} trials`);
}

const { states, last, criteria, molecules } = parts;
const centredLast = centred(last);
const words = { analyzer: "word", ngrams: [1, 1], minTexts: 2, sublinear: true };
const all = features.map(
  ({ text, diseases, molecules: own }) =>
    `${text} ${diseases.map((token) => token.replace(/\W/g, "_")).join(" ")} ${own.map(({ name }) => name.replace(/\W/g, "_")).join(" ")}`,
);
const ofCriteria = similarities(tfIdf(features.map(({ text }) => text)));
/** Vectors that are joined, each with its share in the similarity. */
const WEIGHTS = [0.1, 0.2, 0.3, 0.5];
const candidates = {
  "at random": queries.map((_, q) => past.map((_, p) => (p * 7919 + q * 104729) % 10007)),
  "TF-IDF, words of the criteria": ofCriteria,
  "TF-IDF, with diseases and drugs": similarities(tfIdf(all)),
  "mean states, last level": similarities([[last, 1]]),
  "last level, centred": similarities([[centredLast, 1]]),
  "all levels, centred": similarities([[centred(states), 1]]),
  f_C: similarities([[criteria, 1]]),
  f_DM: similarities([[molecules, 1]]),
  ...joins("last level", last, [0.5]),
  ...joins("last level, centred", centredLast, WEIGHTS),
  ...joins("f_C", criteria, WEIGHTS),
};
console.log(`${past.length} past trials, ${queries.length} queries, ${NEAREST} nearest each`);
console.table(
  Object.fromEntries(
    Object.entries(candidates).map(([name, candidate]) => [name, figures(candidate)]),
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
  const vectors = texts.map((_, row) => {
    const vector = new Float32Array(width);
    for (let i = starts[row]; i < starts[row + 1]; i++) vector[indices[i]] = weights[i];
    return vector;
  });
  return [[vectors, 1]];
}
function joins(name, vectors, weights) {
  return Object.fromEntries(
    weights.map((weight) => [
      `${weight} ${name} + ${1 - weight} f_DM`,
      similarities([
        [vectors, weight],
        [molecules, 1 - weight],
      ]),
    ]),
  );
}
/** Sums of weighted cosines: [queries][past]. */
function similarities(blocks) {
  const directions = blocks.map(([vectors, weight]) => ({
    weight,
    own: vectors.map((vector) => {
      const length = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0)) || 1;
      return vector.map((x) => x / length);
    }),
  }));
  return queries.map((_, q) =>
    past.map((_, p) =>
      directions.reduce(
        (sum, { own, weight }) => sum + weight * dot(own[past.length + q], own[p]),
        0,
      ),
    ),
  );
}
function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
/** Of the criteria's words, between a trial and its neighbours. */
function meanCosine(rows) {
  const cosines = rows.flatMap((scores, q) => nearestOf(scores).map((p) => ofCriteria[q][p]));
  return (cosines.reduce((a, b) => a + b) / cosines.length).toFixed(3);
}
function nearestOf(scores) {
  const ranked = scores.map((score, p) => [score, p]).sort((a, b) => b[0] - a[0]);
  return ranked.slice(0, NEAREST).map(([, p]) => p);
}
function figures(rows) {
  const share = (valuesOf) => {
    let [hits, count] = [0, 0];
    rows.forEach((scores, q) => {
      const own = valuesOf(past.length + q);
      if (own.length === 0) return;
      for (const p of nearestOf(scores)) {
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
    "criteria's cosine": meanCosine(rows),
  };
}
