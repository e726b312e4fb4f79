import assert from "node:assert/strict";
import { test } from "node:test";
import { madeUpTrial } from "../model/test-support.js";
import type { TrialRecord } from "../trial/index.js";
import { chaptersOf, chooseTrials } from "./choose.js";
import type { Split, Splits } from "./data.js";
import type { Cell } from "./grid.js";
import type { Settings, Task } from "./result.js";

/** Trials of ICD-10 chapters, written as "1 C00-D49 I00-I99": the label first. */
function splitOf(file: string, trials: readonly string[]): Split {
  const parsed = trials.map((text) => text.split(" "));
  return {
    file,
    invalid: [],
    labels: parsed.map(([label]) => Number(label) as 0 | 1),
    trials: parsed.map(([, ...chapters], i) => {
      const diseases = chapters.map((range) => `chapter:${range}`);
      // What the choice does not read is not there.
      return { record: {} as TrialRecord, features: { ...madeUpTrial(i).features, diseases } };
    }),
  };
}

const CANCER = "C00-D49";
const HEART = "I00-I99";
const repeat = (count: number, ...trials: string[]) =>
  Array.from({ length: count }, () => trials).flat();
const splits: Splits = {
  train: splitOf("train.csv", repeat(10, `1 ${CANCER}`, `0 ${HEART}`, "1", `1 ${HEART}`)),
  valid: splitOf("valid.csv", [`1 ${CANCER}`, "0", "1", `0 ${CANCER} ${HEART}`]),
  test: splitOf("test.csv", ["1", `0 ${CANCER}`, `1 ${HEART} ${CANCER}`, `0 ${HEART}`]),
};
const choose = (task: Task, settings: Settings = {}, seed = 1, from = splits) =>
  chooseTrials({ task, settings, seed } as Cell, from);
const rows = (count: number) => Array.from({ length: count }, (_, i) => i);

test("supervised cells and ablations use every split, zero-shot cells the scored one alone", () => {
  const all = { train: rows(40), valid: rows(4), test: rows(4) };
  assert.deepEqual(choose("supervised"), all);
  assert.deepEqual(choose("ablation", { ablation: "S = 0" }), all);
  assert.deepEqual(choose("zero-shot"), { train: [], valid: undefined, test: rows(4) });
});

test("shots are as many training trials of either outcome, and no validation trial is used", () => {
  for (const shots of [1, 4, 10]) {
    const { train, valid, test } = choose("few-shot", { shots });
    assert.deepEqual([valid, test], [undefined, rows(4)]);
    assert.equal(new Set(train).size, 2 * shots);
    const labels = train.map((row) => splits.train.labels[row]);
    assert.equal(labels.filter((label) => label === 1).length, shots);
    assert.equal(labels.filter((label) => label === 0).length, shots);
  }
});

test("fewer shots are among more of the same seed; another seed draws others", () => {
  const drawn = (shots: number, seed: number) => choose("few-shot", { shots }, seed).train;
  assert.deepEqual(drawn(4, 1), drawn(4, 1));
  for (const seed of [1, 2, 3])
    for (const [few, more] of [
      [1, 2],
      [2, 4],
      [4, 10],
    ] as const) {
      const among = new Set(drawn(more, seed));
      assert.ok(drawn(few, seed).every((row) => among.has(row)));
    }
  const sorted = (seed: number) => [...drawn(4, seed)].sort((a, b) => a - b).join();
  assert.equal(new Set([1, 2, 3].map(sorted)).size, 3);
});

test("over many draws every trial of an outcome has its turn, equally often", () => {
  const counts = new Map<number, number>();
  for (let seed = 0; seed < 1000; seed++)
    for (const row of choose("few-shot", { shots: 1 }, seed).train)
      counts.set(row, (counts.get(row) ?? 0) + 1);
  splits.train.labels.forEach((label, row) => {
    // 30 successes and 10 failures; bounds are five standard deviations wide.
    const [mean, bound] = label === 1 ? [33, 29] : [100, 48];
    assert.ok(Math.abs((counts.get(row) ?? 0) - mean) < bound, `${row}: ${counts.get(row)}`);
  });
});

test("too few trials of an outcome for the shots are refused by the name of the file", () => {
  assert.doesNotThrow(() => choose("few-shot", { shots: 10 }));
  assert.throws(() => choose("few-shot", { shots: 11 }), {
    name: "InputError",
    message: "train.csv: has fewer than 11 trials of one outcome. Ask for fewer shots",
  });
});

test("a chapter left out is not fitted or validated on, and only its trials are scored", () => {
  const { train, valid, test } = choose("new-disease", { chapter: CANCER });
  const lacks = rows(40).filter((row) => row % 4 !== 0);
  assert.deepEqual([train, valid, test], [lacks, [1, 2], [1, 2]]);
  assert.deepEqual(choose("new-disease", { chapter: HEART }).test, [2, 3]);
});

test("a chapter is left out by default if ten scored trials of either outcome have it", () => {
  const scored = (successes: number, failures: number) => ({
    ...splits,
    test: splitOf("test.csv", [
      ...repeat(successes, `1 ${CANCER} ${HEART}`),
      ...repeat(failures, `0 ${CANCER}`),
      ...repeat(40, `1 ${HEART}`, "0"),
    ]),
  });
  assert.deepEqual(chaptersOf(scored(10, 10)), [CANCER]);
  assert.deepEqual(chaptersOf(scored(9, 50)), []);
  assert.deepEqual(chaptersOf(scored(50, 9)), []);
  const both = splitOf("test.csv", repeat(10, `1 ${HEART} ${CANCER}`, `0 ${HEART} ${CANCER}`));
  assert.deepEqual(chaptersOf({ ...splits, test: both }), [CANCER, HEART], "ICD-10's order");
});
