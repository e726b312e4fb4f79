import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Random } from "../base/random.js";
import { evaluate, rocAuc } from "../evaluation/index.js";
import { cardHash, readCard } from "../model/index.js";
import type { ModelCard } from "../training/finetune.js";
import { ModelInfo } from "./answer.js";
import { keepEvaluation, readEvaluations } from "./evaluations.js";
import { modelInfo } from "./model-info.js";
import { SHIPPED_MODEL } from "./predictor.js";

const root = mkdtempSync(join(tmpdir(), "cladmop-evaluations-"));
after(() => rmSync(root, { recursive: true }));
const folder = join(root, "mine", "model");
mkdirSync(folder, { recursive: true });
const kept = join(folder, "evaluations.json");
const card = readCard<ModelCard>(SHIPPED_MODEL, "model");

const random = new Random("evaluations");
const labels = Array.from({ length: 500 }, () => Number(random.uniform() < 0.6));
const probabilities = labels.map(
  (label) => 0.5 * random.uniform() + 0.4 * label * random.uniform(),
);
const result = evaluate({ labels, probabilities, threshold: 0.5, seed: 1, resamples: 20 });
function keep(name: string, change: { readonly card?: ModelCard; readonly note?: string } = {}) {
  const file = join(root, name);
  writeFileSync(file, name);
  const evaluated = { file, labels, probabilities, result, note: change.note };
  return keepEvaluation(folder, change.card ?? card, evaluated);
}

test("an evaluation is kept with curves; of a file of the same name, the latest", () => {
  assert.deepEqual(readEvaluations(folder, card), []);
  assert.equal(keep("a.csv"), kept);
  keep("b.csv");
  keep("a.csv", { note: "seen" });
  const all = readEvaluations(folder, card);
  assert.deepEqual(
    all.map(({ file, note }) => [file, note]),
    [
      ["a.csv", "seen"],
      ["b.csv", null],
    ],
  );
  const [{ calibration, roc, ...figures } = all[0]!] = all;
  assert.deepEqual([figures.trials, figures.successes], [500, labels.filter(Boolean).length]);
  assert.equal(figures.rocAuc, rocAuc(labels, probabilities));
  assert.equal(
    calibration.reduce((sum, { count }) => sum + count, 0),
    500,
  );
  const empty = calibration.find(({ count }) => count === 0)!;
  assert.deepEqual([empty.predicted, empty.observed], [null, null]);
  assert.deepEqual([roc.length, roc[0], roc.at(-1)], [101, [0, 0], [1, 1]]);
  const area = roc
    .slice(1)
    .reduce((sum, [x, y], i) => sum + ((x - roc[i]![0]) * (y + roc[i]![1])) / 2, 0);
  assert.ok(Math.abs(area - figures.rocAuc) < 0.01);
});

test("altered evaluations and those of another version are refused", () => {
  const text = readFileSync(kept, "utf8");
  writeFileSync(kept, text.replace(/"rocAuc": 0\.\d/, '"rocAuc": 0.9'));
  assert.throws(() => readEvaluations(folder, card), { message: /evaluations\.json: was altered/ });
  assert.throws(() => keep("a.csv"), { message: /was altered/ });
  writeFileSync(kept, text);
  const other = { ...card, seed: 2 };
  assert.throws(() => readEvaluations(folder, other), {
    message: /of another version of the model/,
  });
  keep("c.csv", { card: other }); // takes the place of what the version before it has
  assert.deepEqual(
    readEvaluations(folder, other).map(({ file }) => file),
    ["c.csv"],
  );
  writeFileSync(kept, text);
});

test("what is said of a model has its figures and fits the schema; an older card has no base rates", () => {
  const info = ModelInfo.parse(modelInfo(folder, card));
  assert.deepEqual([info.name, info.sha256, info.evaluations.length], ["mine", cardHash(card), 2]);
  assert.match(info.limits.join(), /642 of phase 1/);
  const { baseRates, ...older } = card;
  const sums = Object.values(baseRates!);
  const total = sums.reduce((sum, { trials }) => sum + trials, 0);
  const successes = sums.reduce((sum, one) => sum + one.successes, 0);
  assert.ok(Math.abs(successes / total - card.baseRate) < 1e-12);
  rmSync(kept);
  assert.equal(modelInfo(folder, older).baseRates, null);
});

test("what a success is, is said as TOP has it only of a model that learned from nothing else", () => {
  assert.match(modelInfo(SHIPPED_MODEL, card).success, /TOP .* primary endpoints met; a failure/);
  for (const data of [{ ...card.data, "mine.csv": "ab" }, { "drugs.tsv": "ab" }])
    assert.match(modelInfo(root, { ...card, data }).success, /where the labels of the data/);
});

test("the shipped model's evaluations are whole and of this version", () => {
  const info = ModelInfo.parse(modelInfo(SHIPPED_MODEL, card));
  assert.equal(info.name, "top");
  assert.ok(info.evaluations.length > 0);
  for (const { file, note } of info.evaluations)
    assert.equal(note !== null, file.includes("valid"), file);
});
