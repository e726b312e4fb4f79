import assert from "node:assert/strict";
import { test } from "node:test";
import type { CellResult } from "../benchmark/result.js";
import { aggregate } from "./aggregate.js";
import { byFigure, contendersOf } from "./contenders.js";
import { madeUpCell } from "./test-support.js";

const base = madeUpCell(
  { task: "supervised", dataset: "own", method: "x", title: "x", seed: 1, strength: 1 },
  20,
).result;

/** With a ROC-AUC on the trials scored, and one on validation trials. */
const cell = (
  method: string,
  rocAuc: number,
  valid: number | null,
  more: Partial<CellResult> = {},
): CellResult => ({
  ...base,
  method,
  figures: { ...base.figures, rocAuc },
  validation: valid === null ? null : { prAuc: 0.5, rocAuc: valid },
  ...more,
});

const names = (methods: ReturnType<typeof contendersOf>["others"]) =>
  methods.map(([row]) => row!.method);

const ours = { ours: true };
const cells = [
  cell("a", 0.9, 0.9, ours),
  cell("b", 0.5, 0.5, { ...ours, reference: true }),
  cell("c", 0.8, 0.6),
  cell("d", 0.6, 0.8),
  cell("e", 0.7, null),
  cell("all-positive", 0.5, 0.99),
];

test("our methods start with the reference, the others with the best on the trials scored, not on validation", () => {
  const { ours, others } = contendersOf(aggregate(cells));
  assert.deepEqual(
    [names(ours), names(others)],
    [
      ["b", "a"],
      ["c", "e", "d"],
    ],
  );
});

test("a method of several rows is ranked by their mean", () => {
  const shots = (method: string, figures: number[]) =>
    figures.map((rocAuc, i) => cell(method, rocAuc, null, { settings: { shots: i + 1 } }));
  const rows = aggregate([...shots("c", [0.9, 0.1]), ...shots("d", [0.6, 0.6])]);
  const { others } = contendersOf(rows);
  assert.deepEqual(names(others), ["d", "c"]);
  assert.equal(others[0]!.length, 2);
});

test("methods without a figure come after those that have it", () => {
  const of = (method: string, f1: number | null) =>
    cell(method, 0.5, null, { figures: { ...base.figures, f1 } });
  const methods = aggregate([of("a", null), of("b", 0.1), of("c", 0.2)]).map((row) => [row]);
  assert.deepEqual(names(byFigure(methods, "f1")), ["c", "b", "a"]);
});
