// What predicts later trials from earlier ones? The official split of TOP is by time, so random folds
// of its training trials do not show what test will ask. Settings are chosen here, without TOP's test
// split. Two kinds of later trials:
//
// - next quarter: models of the earliest training trials (by NCT number) are scored on the quarter of
//   the training trials that follows, from four points in time, in the mean;
// - years later: models of all training trials are scored on phase I trials registered after them that
//   TrialBench has labels for, that are in none of TOP's splits and not in the pre-training. Their
//   conditions and drugs are not known here. They are few (a ROC-AUC of .7 has a standard error of .04).
//
//   npm run build && node bench/later-trials.js --base runs/pretrain [--seeds 1] [--rates 1e-4,1e-3]
//
// Rows: TF-IDF with logistic regression; each part of the shallow level alone; the level, also with
// other settings (base of seed 1); LoRA and head on top of it at several rates. Parts, level and head
// also without pre-training. The vocabularies of the shallow level are learned once, from the texts of
// all training trials. Validation stops the head, as always.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parse } from "csv-parse/sync";
import { readText } from "../dist/base/file.js";
import { tfIdfCharacters, tfIdfWords } from "../dist/baseline/index.js";
import { SHIPPED_CONDITIONS } from "../dist/disease/index.js";
import { SHIPPED_VOCABULARY } from "../dist/drug/index.js";
import { applyTemperature, averagePrecision, logLoss, rocAuc } from "../dist/evaluation/index.js";
import { cpu } from "../dist/graph/index.js";
import { Tokenizer } from "../dist/language/index.js";
import { PRESETS, readModel } from "../dist/model/index.js";
import {
  applyModels,
  fitLevel,
  LEVEL_SETTINGS,
  levelLogits,
  PARTS,
} from "../dist/shallow/index.js";
import { fitMember, startedAt } from "../dist/training/member.js";
import { chooseRows, labelsOf, readRows } from "../dist/training/rows.js";
import { RunFolder } from "../dist/training/run-folder.js";
import { plainText, readTrials } from "../dist/trial/index.js";

const { values: options } = parseArgs({
  options: {
    base: { type: "string", default: "runs/pretrain" },
    encoder: { type: "string", default: "models/top/encoder" },
    data: { type: "string", default: "../shared/data" },
    cache: { type: "string", default: ".cladmop/cache" },
    seeds: { type: "string", default: "1" },
    rates: { type: "string", default: "1e-4,1e-3" },
    threads: { type: "string", default: "2" },
  },
});
const ORIGINS = [0.45, 0.55, 0.65, 0.75];
const WINDOW = 0.25;
/** Trials registered after nearly every training trial of phase I. */
const AFTER = "NCT01290000";
const { c, say } = LEVEL_SETTINGS;
const fullSay = { ...say, states: 1, groups: 1 };
const weakPenalty = { ...c, states: 3, groups: 1 };
const VARIANTS = {
  "weaker penalty, full say": { c: weakPenalty, say: fullSay },
  "weaker penalty": { c: weakPenalty, say },
  "full say": { c, say: fullSay },
  "no groups": { c, say: { ...say, groups: 0 } },
  "no states": { c, say: { ...say, states: 0 } },
  "no success scores": { c, say: { ...say, success: 0 } },
  "full say of success scores": { c, say: { ...say, success: 1 } },
  "neither groups nor states": { c, say: { ...say, states: 0, groups: 0 } },
};

const data = (name) => join(options.data, name);
const processor = cpu(Number(options.threads));
const watcher = { report() {}, say: console.error, stopping: () => false };
const folder = mkdtempSync(join(tmpdir(), "cladmop-later-trials-"));
const yearsLaterFile = join(folder, "years-later.csv");
writeYearsLater(yearsLaterFile);

const NEXT = "next quarter";
const YEARS = "years later";
/** Row → the figures of each split. */
const scores = new Map();
function score(row, { when, labels }, logits) {
  const probabilities = applyTemperature(logits, 1);
  const figures = {
    [`${when} ROC-AUC`]: rocAuc(labels, probabilities),
    [`${when} PR-AUC`]: averagePrecision(labels, probabilities),
    [`${when} log loss`]: logLoss(labels, probabilities),
  };
  scores.set(row, [...(scores.get(row) ?? []), figures]);
}

let runs = 0;
for (const [title, base] of [
  ["pre-trained", options.base],
  ["random base", undefined],
])
  for (let seed = 1; seed <= Number(options.seeds); seed++) {
    const sources = {
      train: [data("top/phase_I_train.csv")],
      base,
      encoder: options.encoder,
      preset: "default",
      drugs: SHIPPED_VOCABULARY,
      conditions: SHIPPED_CONDITIONS,
      cache: options.cache,
      cacheLimit: 20,
      skipInvalid: false,
      seed,
      ...processor,
      out: folder,
    };
    const rows = await readRows({ ...sources, valid: [data("top/phase_I_valid.csv")] }, watcher);
    const { validation: after } = await readRows({ ...sources, valid: [yearsLaterFile] }, watcher);
    const { training, validation } = rows;
    const order = training.rows
      .map(({ features }, row) => ({ row, nctId: features.nctId }))
      .sort((a, b) => (a.nctId < b.nctId ? -1 : 1))
      .map(({ row }) => row);
    const splits = ORIGINS.map((origin) => {
      const cut = Math.floor(origin * order.length);
      const end = Math.floor((origin + WINDOW) * order.length);
      return {
        when: NEXT,
        earlier: chooseRows(training, order.slice(0, cut)),
        later: chooseRows(training, order.slice(cut, end)),
      };
    });
    splits.push({ when: YEARS, earlier: training, later: after });
    for (const { when, earlier, later } of splits) {
      const known = labelsOf(earlier.rows);
      const split = { when, labels: labelsOf(later.rows) };
      const first = base !== undefined && seed === 1;
      if (first) {
        const textsOf = ({ rows: some }) => some.map(({ features }) => features.text);
        for (const { title, fitTexts } of [tfIdfWords, tfIdfCharacters])
          score(title, split, fitTexts(textsOf(earlier), known)(textsOf(later)));
      }
      const { level, outOfFold } = fitLevel(earlier.shallow, known, { seed });
      const parts = applyModels(level.models, later.shallow);
      for (const part of PARTS) score(`${title}: ${part} alone`, split, parts[part]);
      const starts = levelLogits(level, later.shallow);
      score(`${title}: shallow level`, split, starts);
      if (first)
        for (const [name, settings] of Object.entries(VARIANTS)) {
          const other = fitLevel(earlier.shallow, known, { seed, settings });
          score(`  ${name}`, split, levelLogits(other.level, later.shallow));
        }
      const validStarts = levelLogits(level, validation.shallow);
      for (const rate of options.rates.split(",")) {
        const { finetuning } = rows.config;
        const rates = { headLearningRate: Number(rate), loraLearningRate: Number(rate) };
        const path = join(folder, String(runs++));
        const { scored } = await fitMember({
          ...rows,
          config: { ...rows.config, finetuning: { ...finetuning, ...rates } },
          seed,
          member: 0,
          of: when,
          training: startedAt(earlier, outOfFold),
          validation: startedAt(validation, validStarts),
          scored: [startedAt(later, starts)],
          processor,
          folder: RunFolder.open(path, { command: "bench", seed, settings: {}, data: {} }, false),
          watcher,
        });
        score(`${title}: + LoRA and head at ${rate}`, split, scored[0]);
      }
      console.error(`${title}, seed ${seed}, ${when}, from ${known.length} trials`);
    }
  }
rmSync(folder, { recursive: true });

console.table(
  Object.fromEntries(
    [...scores].map(([row, figures]) => {
      const names = [...new Set(figures.flatMap((one) => Object.keys(one)))];
      const means = names.map((name) => {
        const values = figures.flatMap((one) => one[name] ?? []);
        return [name, (values.reduce((sum, v) => sum + v, 0) / values.length).toFixed(4)];
      });
      return [row, Object.fromEntries(means)];
    }),
  ),
);
console.log(`Seeds: 1 to ${options.seeds}`);

/** The trials of years later, as a file in TOP's format. */
function writeYearsLater(file) {
  const labels = new Map(
    parse(readText(data("labels/trialbench_approval.csv")), { columns: true })
      .filter(({ phase }) => phase === "I")
      .map(({ nctid, label }) => [nctid, label]),
  );
  const splits = ["I_train", "I_valid", "I_test", "II_valid", "III_valid"];
  const known = new Set([
    ...splits.flatMap((split) =>
      readTrials(data(`top/phase_${split}.csv`)).records.map(({ trial }) => trial.nctId),
    ),
    ...readModel(options.base, "base").card.trials,
  ]);
  const trials = readText(data("text/criteria.ndjson.gz"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))
    .filter(({ nctId }) => nctId > AFTER && labels.has(nctId) && !known.has(nctId));
  const lines = trials.map(({ nctId, eligibilityCriteria }) => {
    const criteria = `"${eligibilityCriteria.replaceAll('"', '""')}"`;
    return `${nctId},phase 1,[],[],[],[],${criteria},${labels.get(nctId)}`;
  });
  const header = "nctid,phase,diseases,icdcodes,drugs,smiless,criteria,label";
  writeFileSync(file, [header, ...lines, ""].join("\n"));
  const { tokens } = PRESETS.default;
  const tokenizer = Tokenizer.fromFile(join(options.encoder, "tokenizer.json"));
  const long = trials.filter(
    ({ eligibilityCriteria }) => tokenizer.encode(plainText(eligibilityCriteria)).length > tokens,
  );
  const positives = trials.filter(({ nctId }) => labels.get(nctId) === "1").length;
  console.log(
    `${trials.length} trials of phase I after ${AFTER}: ${positives} were successful, ` +
      `${long.length} have more than ${tokens} tokens`,
  );
}
