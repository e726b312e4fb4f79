import assert from "node:assert/strict";
import { test } from "node:test";
import { PUBLISHED } from "./published.js";

test("the all-positive rows are what follows from the share of successes", () => {
  for (const { rows } of Object.values(PUBLISHED)) {
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
  assert.deepEqual(Object.keys(PUBLISHED), ["phase-1", "phase-2", "phase-3"]);
  for (const { rows } of Object.values(PUBLISHED)) {
    const titles = rows.map(({ title }) => title);
    assert.equal(new Set(titles).size, titles.length);
    for (const title of common) assert.ok(titles.includes(title), title);
    for (const { sources } of rows) assert.ok(sources.length > 0);
  }
});
