// What predicts later trials from earlier ones? The official split of TOP is by time, so random folds
// of its training trials do not show what test will: each setting is fitted on the earliest training
// trials (by NCT number) and scored on the quarter that follows, from four points in time. Settings
// are chosen here; no test trial is read.
//
//   npm run build && node bench/time-ordered.js --base runs/pretrain [--seeds 2] [--data ../shared/data/top]
//
// Rows: each part of the shallow level alone, the level, and LoRA and head on top of it at several
// rates; with the base, and with a base that was drawn at random. The vocabularies of the shallow level
// are learned once, from the texts of all training trials. Validation stops the head, as always.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SHIPPED_CONDITIONS } from "../dist/disease/index.js";
import { SHIPPED_VOCABULARY } from "../dist/drug/index.js";
import { averagePrecision, logLoss, rocAuc } from "../dist/evaluation/index.js";
import {
  applyModels,
  fitLevel,
  levelLogits,
  PARTS,
  selectFeatures,
} from "../dist/shallow/index.js";
import { fitMember } from "../dist/training/member.js";
import { labelsOf, readRows } from "../dist/training/rows.js";
import { RunFolder } from "../dist/training/run-folder.js";

const { values: options } = parseArgs({
  options: {
    base: { type: "string", default: "runs/pretrain" },
    encoder: { type: "string", default: "models/phase-1/encoder" },
    data: { type: "string", default: "../shared/data/top" },
    cache: { type: "string", default: ".cladmop/cache" },
    seeds: { type: "string", default: "2" },
    rates: { type: "string", default: "1e-4,1e-3" },
    threads: { type: "string", default: "2" },
  },
});
const ORIGINS = [0.5, 0.6, 0.7, 0.8];
const WINDOW = 0.25;
const threads = Number(options.threads);
const watcher = { report() {}, say: console.error, stopping: () => false };
const folder = mkdtempSync(join(tmpdir(), "cladmop-time-ordered-"));

const scores = new Map();
function score(row, labels, logits) {
  const probabilities = Array.from(logits, (logit) => 1 / (1 + Math.exp(-logit)));
  const figures = {
    "ROC-AUC": rocAuc(labels, probabilities),
    "PR-AUC": averagePrecision(labels, probabilities),
    "log loss": logLoss(labels, probabilities),
  };
  scores.set(row, [...(scores.get(row) ?? []), figures]);
}

let runs = 0;
for (const [title, base] of [
  ["pre-trained", options.base],
  ["random base", undefined],
])
  for (let seed = 1; seed <= Number(options.seeds); seed++) {
    const rows = await readRows(
      {
        train: join(options.data, "phase_I_train.csv"),
        valid: join(options.data, "phase_I_valid.csv"),
        base,
        encoder: options.encoder,
        preset: "default",
        drugs: SHIPPED_VOCABULARY,
        conditions: SHIPPED_CONDITIONS,
        cache: options.cache,
        cacheLimit: 20,
        skipInvalid: false,
        seed,
        threads,
        out: folder,
      },
      watcher,
    );
    const { training, validation } = rows;
    const order = training.rows
      .map(({ features }, row) => ({ row, nctId: features.nctId }))
      .sort((a, b) => (a.nctId < b.nctId ? -1 : 1))
      .map(({ row }) => row);
    for (const origin of ORIGINS) {
      const cut = Math.floor(origin * order.length);
      const end = Math.min(order.length, Math.floor((origin + WINDOW) * order.length));
      const pick = (some) => ({
        rows: some.map((row) => training.rows[row]),
        shallow: selectFeatures(training.shallow, some),
      });
      const [earlier, later] = [pick(order.slice(0, cut)), pick(order.slice(cut, end))];
      const labels = labelsOf(later.rows);
      const { level, outOfFold } = fitLevel(earlier.shallow, labelsOf(earlier.rows), { seed });
      const parts = applyModels(level.models, later.shallow);
      for (const part of PARTS) score(`${title}: ${part} alone`, labels, parts[part]);
      const starts = levelLogits(level, later.shallow);
      score(`${title}: shallow level`, labels, starts);
      const validStarts = levelLogits(level, validation.shallow);
      const startedAt = (some, logits) => some.map((row, i) => ({ ...row, start: logits[i] }));
      for (const rate of options.rates.split(",")) {
        const { finetuning } = rows.config;
        const rates = { headLearningRate: Number(rate), loraLearningRate: Number(rate) };
        const path = join(folder, String(runs++));
        const { unseen } = await fitMember({
          ...rows,
          config: { ...rows.config, finetuning: { ...finetuning, ...rates } },
          seed,
          member: 0,
          of: `${origin}`,
          training: startedAt(earlier.rows, outOfFold),
          validation: startedAt(validation.rows, validStarts),
          unseen: startedAt(later.rows, starts),
          threads,
          folder: RunFolder.open(path, { command: "bench", seed, settings: {}, data: {} }, false),
          watcher,
        });
        score(`${title}: + LoRA and head at ${rate}`, labels, unseen);
      }
      console.error(`${title}, seed ${seed}, from ${origin}`);
    }
  }
rmSync(folder, { recursive: true });

console.table(
  Object.fromEntries(
    [...scores].map(([row, figures]) => [
      row,
      Object.fromEntries(
        Object.keys(figures[0]).map((name) => {
          const mean = figures.reduce((sum, one) => sum + one[name], 0) / figures.length;
          return [name, mean.toFixed(4)];
        }),
      ),
    ]),
  ),
);
console.log(`Means over ${ORIGINS.length} points in time and ${options.seeds} seeds.`);
