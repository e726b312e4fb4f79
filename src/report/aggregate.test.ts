import assert from "node:assert/strict";
import { test } from "node:test";
import type { CellResult } from "../benchmark/result.js";
import { aggregate, contestText, spread } from "./aggregate.js";
import { madeUpCell } from "./test-support.js";

const near = (actual: number | null | undefined, expected: number) =>
  assert.ok(Math.abs(actual! - expected) < 1e-12, `${actual} is not ${expected}`);

const base = madeUpCell(
  { task: "supervised", dataset: "phase-1", method: "lr", title: "LR", seed: 1, strength: 1 },
  30,
).result;

/** The made-up cell with another seed and other figures. */
function cell(seed: number, figures: Partial<CellResult["figures"]>): CellResult {
  return { ...base, seed, figures: { ...base.figures, ...figures } };
}

test("mean and sample standard deviation over seeds", () => {
  const [row, ...others] = aggregate([
    cell(3, { rocAuc: 0.7, interval: { prAuc: [0.4, 0.6], rocAuc: [0.6, 0.8] } }),
    cell(1, { rocAuc: 0.6, interval: { prAuc: [0.5, 0.8], rocAuc: [0.5, 0.7] } }),
    cell(2, { rocAuc: 0.8, interval: { prAuc: [0.6, 1.0], rocAuc: [0.7, 0.9] } }),
  ]);
  assert.equal(others.length, 0);
  assert.deepEqual(
    row!.cells.map(({ seed }) => seed),
    [1, 2, 3],
  );
  near(row!.figures.rocAuc!.mean, 0.7);
  near(row!.figures.rocAuc!.deviation, 0.1); // √((.1² + 0 + .1²) / 2)
  near(row!.interval!.prAuc[0], 0.5);
  near(row!.interval!.prAuc[1], 0.8);
  near(row!.interval!.rocAuc[1], 0.8);
});

test("a figure that some seeds lack is the mean of the others, one that all lack is null", () => {
  const [row] = aggregate([cell(1, { f1: 0.5, brier: null }), cell(2, { f1: null, brier: null })]);
  assert.deepEqual(row!.figures.f1, { mean: 0.5, deviation: null, count: 1 });
  assert.equal(row!.figures.brier, null);
  assert.equal(spread([]), null);
});

test("subgroups are grouped by kind and name", () => {
  const group = (rocAuc: number | null) => ({
    n: 9,
    positives: 4,
    prAuc: null,
    rocAuc,
    accuracy: 1,
    brier: 0,
  });
  const [row] = aggregate([
    { ...cell(1, {}), subgroups: { phase: { "1": group(0.5), "1/2": group(null) } } },
    { ...cell(2, {}), subgroups: { phase: { "1": group(0.7) }, year: { "2005": group(0.4) } } },
  ]);
  const { phase, year } = row!.subgroups;
  near(phase!["1"]!.rocAuc!.mean, 0.6);
  near(phase!["1"]!.rocAuc!.deviation, Math.sqrt(0.02));
  assert.equal(phase!["1/2"]!.rocAuc, null);
  assert.deepEqual([phase!["1"]!.n, phase!["1"]!.positives], [9, 4]);
  assert.equal(year!["2005"]!.rocAuc!.count, 1);
});

test("rows stand by data set, task and settings, numbers by their value", () => {
  const variants: Partial<CellResult>[] = [
    { dataset: "phase-10" },
    { task: "few-shot", settings: { shots: 16 } },
    { task: "few-shot", settings: { shots: 2 } },
    { task: "few-shot", settings: { shots: 4 }, dataset: "phase-2" },
    { task: "zero-shot" },
    { task: "ablation", settings: { ablation: "S = 0" } },
  ];
  assert.deepEqual(
    aggregate(variants.map((variant) => ({ ...base, ...variant }))).map(contestText),
    [
      "phase-1, zero-shot",
      "phase-1, few-shot, shots 2",
      "phase-1, few-shot, shots 16",
      "phase-1, ablation",
      "phase-2, few-shot, shots 4",
      "phase-10, supervised",
    ],
  );
});

test("the order in which settings were written does not matter", () => {
  const rows = aggregate([
    { ...cell(1, {}), settings: { shots: 4, chapter: "C00-D49" } },
    { ...cell(2, {}), settings: { chapter: "C00-D49", shots: 4 } },
  ]);
  assert.equal(rows.length, 1);
});
