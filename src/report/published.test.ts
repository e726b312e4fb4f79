import assert from "node:assert/strict";
import { test } from "node:test";
import { PUBLISHED, publishedOf } from "./published.js";
import { madeUpCell } from "./test-support.js";

test("the all-positive rows are what follows from the share of successes", () => {
  for (const { rows } of PUBLISHED) {
    const { prAuc, f1, rocAuc } = rows.find(({ title }) => title === "all-positive")!;
    const share = prAuc!.mean;
    assert.ok(Math.abs(f1!.mean - (2 * share) / (1 + share)) < 0.001);
    assert.equal(rocAuc!.mean, 0.5);
  }
});

test("every phase has the methods that all publish, each with a source", () => {
  const common = [
    "LR",
    "RF",
    "kNN+RF",
    "XGBoost",
    "AdaBoost",
    "FFNN",
    "MEXA-CTP",
    "CLaDMoP, PEFT",
    "LIFTED",
  ];
  assert.equal(PUBLISHED.length, 3);
  for (const { rows } of PUBLISHED) {
    const titles = rows.map(({ title }) => title);
    assert.equal(new Set(titles).size, titles.length);
    for (const title of common) assert.ok(titles.includes(title), title);
    for (const { sources } of rows) assert.ok(sources.length > 0);
  }
});

test("a data set is TOP's by the file that was scored and its number of trials, not by its name", () => {
  const { figures, ...cell } = madeUpCell(
    { task: "supervised", dataset: "phase-1", method: "lr", title: "LR", seed: 1, strength: 1 },
    20,
  ).result;
  const scored = (file: string, n: number) =>
    publishedOf([
      { ...cell, figures },
      { scored: file, figures: { ...figures, n } },
    ]);
  assert.equal(scored("phase_I_test.csv", 627), PUBLISHED[0]);
  assert.equal(scored("phase_II_valid.csv", 446), PUBLISHED[1]);
  assert.equal(scored("phase_III_test.csv", 1146), PUBLISHED[2]);
  for (const [file, n] of [
    ["phase_I_test.csv", 626],
    ["phase_I_valid.csv", 627],
    ["test.csv", 627],
    ["phase-1_test.csv", 20],
  ] as const)
    assert.equal(scored(file, n), undefined, file);
});
