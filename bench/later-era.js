// Does what the parts of the shallow level learned hold years later? TOP's test split starts where its
// training split ends, and must not be asked. The labels of TrialBench and the criteria collected for
// the language model have some phase I trials of that later time in common that are in none of TOP's
// splits and not in the pre-training; their conditions are not known, so diseases say nothing here.
//
//   npm run build && node bench/later-era.js [--model models/phase-1] [--base runs/pretrain] [--data ../shared/data]
//
// Too few to choose by alone (a ROC-AUC of .7 has a standard error of .04), but none of TOP's
// training trials is so late.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parse } from "csv-parse/sync";
import { readText } from "../dist/base/file.js";
import { averagePrecision, interval, rocAuc } from "../dist/evaluation/index.js";
import { countBlocks, loadEncoder } from "../dist/language/index.js";
import { createGrouper, levelsOf, readModel, shallowInput } from "../dist/model/index.js";
import { applyModels, featuresOf, PARTS, readLevels } from "../dist/shallow/index.js";
import { SHALLOW_FILE } from "../dist/training/finetune.js";
import { plainText, readTrials } from "../dist/trial/index.js";
import { fitBaselines } from "./baseline-models.js";

const { values: options } = parseArgs({
  options: {
    model: { type: "string", default: "models/phase-1" },
    base: { type: "string", default: "runs/pretrain" },
    data: { type: "string", default: "../shared/data" },
    threads: { type: "string", default: "2" },
  },
});
const threads = Number(options.threads);
const data = (name) => join(options.data, name);
/** Trials registered after nearly every training trial of phase I. */
const LATER = "NCT01290000";

const labels = new Map(
  parse(readText(data("labels/trialbench_approval.csv")), { columns: true })
    .filter(({ phase }) => phase === "I")
    .map(({ nctid, label }) => [nctid, Number(label)]),
);
const files = ["I_train", "I_valid", "I_test", "II_valid", "III_valid"];
const known = new Set([
  ...files.flatMap((name) =>
    readTrials(data(`top/phase_${name}.csv`)).records.map(({ trial }) => trial.nctId),
  ),
  ...readModel(options.base, "base").card.trials,
]);
const trials = readText(data("text/criteria.ndjson.gz"))
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line))
  .filter(({ nctId }) => nctId > LATER && labels.has(nctId) && !known.has(nctId))
  .map(({ nctId, eligibilityCriteria }) => ({ nctId, text: plainText(eligibilityCriteria) }));
const outcomes = trials.map(({ nctId }) => labels.get(nctId));

const { card, parameters } = readModel(options.model, "model");
const { config } = card;
const encoderFolder = join(options.model, "encoder");
const encoder = loadEncoder(encoderFolder, levelsOf(config, countBlocks(encoderFolder)), threads);
const BATCH = 8;
const grouper = await createGrouper(config, parameters, {
  depth: encoder.width,
  batch: BATCH,
  threads,
  seed: 0,
});
const inputs = [];
for (let first = 0; first < trials.length; first += BATCH) {
  const lot = trials.slice(first, first + BATCH);
  const states = await encoder.encode(lot.map(({ text }) => text));
  const grouped = await grouper.group(states);
  lot.forEach(({ text }, i) => {
    inputs.push(shallowInput({ text, diseases: [] }, states[i], grouped[i], config.width));
  });
}
const { space, members } = readLevels(join(options.model, SHALLOW_FILE));
const features = featuresOf(space, inputs);
const said = members.map(({ models, combination }) => ({
  parts: applyModels(models, features),
  weights: combination.weights,
}));
const sumOf = (parts) =>
  Float64Array.from(outcomes, (_, i) =>
    parts.reduce(
      (sum, part) => sum + said.reduce((s, one) => s + one.weights[part] * one.parts[part][i], 0),
      0,
    ),
  );

const table = {};
const score = (row, scores) => {
  const [low, high] = interval(outcomes, scores, rocAuc, { seed: 1 });
  table[row] = {
    "ROC-AUC": rocAuc(outcomes, scores).toFixed(3),
    "95 %": `${low.toFixed(3)} – ${high.toFixed(3)}`,
    "PR-AUC": averagePrecision(outcomes, scores).toFixed(3),
  };
};
const { records } = readTrials(data("top/phase_I_train.csv"), { requireLabel: true });
const training = {
  trials: records.map(({ trial }) => ({
    eligibilityCriteria: plainText(trial.eligibilityCriteria),
  })),
  labels: records.map(({ outcome }) => outcome.label),
};
for (const { model, predict } of fitBaselines(training))
  score(model, predict(trials.map(({ text }) => ({ eligibilityCriteria: text }))));
const shown = PARTS.filter((part) => part !== "diseases");
for (const part of shown) score(`${part} alone`, sumOf([part]));
const surface = ["characters", "forest"];
score("characters, forest", sumOf(surface));
score("characters, forest, states", sumOf([...surface, "states"]));
score("characters, forest, groups", sumOf([...surface, "groups"]));
score("all of them", sumOf(shown));

const positives = outcomes.reduce((sum, label) => sum + label, 0);
console.log(`${trials.length} trials of phase I after ${LATER}, ${positives} of them successful`);
console.table(table);
