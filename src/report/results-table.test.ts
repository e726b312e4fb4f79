import assert from "node:assert/strict";
import { test } from "node:test";
import type { CellResult, Settings } from "../benchmark/result.js";
import { aggregate } from "./aggregate.js";
import { resultsTables } from "./results-table.js";
import type { Table } from "./table.js";
import { madeUpCell } from "./test-support.js";

const base = madeUpCell(
  { task: "supervised", dataset: "own", method: "x", title: "x", seed: 1, strength: 1 },
  20,
).result;

/** 20 trials, 15 of them successful. */
function cell(
  title: string,
  figures: Partial<CellResult["figures"]>,
  more: Partial<CellResult> = {},
): CellResult {
  const all = { ...base.figures, positives: 15, brier: null, ...figures };
  return { ...base, method: title, title, figures: all, ...more };
}

const column = ({ columns, rows }: Table, head: string) => {
  const place = columns.findIndex((column) => column.head === head);
  return rows.map(({ cells, bold }) => (bold.has(place) ? `*${cells[place]}*` : cells[place]));
};

/** Without intervals. */
const means = (texts: readonly (string | undefined)[]) => texts.map((text) => text!.split("\n")[0]);

test("the all-positive row stands first, then methods by falling ROC-AUC, the best in bold", () => {
  const [table] = resultsTables(
    aggregate([
      cell("LR", { rocAuc: 0.6, f1: 0.7, ece: 0.1 }),
      cell("RF", { rocAuc: 0.62, f1: 0.8, ece: 0.05 }, { seed: 1 }),
      cell("RF", { rocAuc: 0.66, f1: 0.9, ece: 0.07 }, { seed: 2 }),
    ]),
  );
  assert.equal(table!.title, "own, supervised: 20 trials, 15 successful");
  assert.deepEqual(column(table!, "method"), ["always success", "RF", "LR"]);
  assert.deepEqual(column(table!, "seeds"), ["–", "1, 2", "1"]);
  // 15 of 20: F1 is 2 · .75 / 1.75, .857.
  assert.deepEqual(column(table!, "F1"), ["*.857*", ".850 ± .071", ".700"]);
  assert.deepEqual(column(table!, "ECE"), [".250", "*.060 ± .014*", ".100"]);
  assert.ok(table!.columns.every(({ head }) => head !== "Brier"));
  assert.deepEqual(means(column(table!, "ROC-AUC")), [".500", "*.640 ± .028", ".600"]);
});

test("the computed all-positive row stands for one that was run", () => {
  const [table] = resultsTables(
    aggregate([
      cell("LR", { rocAuc: 0.6, logLoss: 0.7 }),
      cell("always", { rocAuc: 0.5, f1: null, logLoss: 16 }, { method: "all-positive" }),
    ]),
  );
  assert.deepEqual(column(table!, "method"), ["always success", "LR"]);
  assert.equal(column(table!, "F1")[0], "*.857*");
  assert.deepEqual(column(table!, "log loss"), ["–", ".700"]);
});

test("figures that only the all-positive row has are left out", () => {
  const none = { f1: null, accuracy: null, ece: null, logLoss: null };
  const heads = (cells: CellResult[]) =>
    resultsTables(aggregate(cells)).map(({ columns }) => columns.map(({ head }) => head));
  const task = "zero-shot";
  assert.deepEqual(heads([cell("A", none, { task })]), [["method", "seeds", "PR-AUC", "ROC-AUC"]]);
  assert.deepEqual(heads([cell("A", none, { task }), cell("B", { ...none, ece: 0 }, { task })]), [
    ["method", "seeds", "PR-AUC", "ROC-AUC", "ECE"],
  ]);
  // Others have published an F1 of the ablations.
  const [ablation] = heads([
    cell("A", { ...none, n: 344 }, { task: "ablation", scored: "phase_III_valid.csv" }),
  ]);
  assert.deepEqual(ablation, ["method", "seeds", "PR-AUC", "ROC-AUC", "F1"]);
  // The row alone has them all.
  assert.ok(heads([cell("always", none, { method: "all-positive", task })])[0]!.includes("F1"));
  const [, , ...more] = resultsTables(
    aggregate(
      ["C00-D49", "E00-E89"].map((chapter) =>
        cell("A", none, { task: "new-disease", settings: { chapter } }),
      ),
    ),
  );
  assert.deepEqual(more, []); // no table of accuracy
});

test("published rows are marked, never in bold, and their trials are told apart", () => {
  const top = { scored: "phase_I_valid.csv" };
  const [table] = resultsTables(aggregate([cell("LR", { n: 117 }, top)]));
  const published = table!.rows.filter(({ isPublished }) => isPublished);
  const cladmop = published.find(({ cells }) => cells[0] === "† CLaDMoP, PEFT [S]");
  assert.deepEqual(cladmop!.cells.slice(2, 5), [".680 ± .016", ".642 ± .015", ".713 ± .019"]);
  assert.ok(published.every(({ bold }) => bold.size === 0));
  assert.match(table!.notes.join(" "), /627 trials, not the 117 above/);
  const elsewhere = resultsTables(
    aggregate([
      cell("LR", { n: 117 }, { ...top, task: "zero-shot" }),
      cell("LR", {}, { dataset: "phase-1", scored: "mine.csv" }),
    ]),
  );
  assert.equal(elsewhere.length, 2);
  assert.ok(elsewhere.every(({ rows }) => rows.every(({ isPublished }) => !isPublished)));
});

test("few-shot results stand by shots, one table a figure", () => {
  const few = (title: string, shots: number, rocAuc: number) =>
    cell(title, { rocAuc }, { task: "few-shot", settings: { shots } });
  const tables = resultsTables(
    aggregate([
      ...[few("C", 16, 0.5), few("C", 4, 0.5)],
      ...[few("B", 4, 0.65), few("B", 16, 0.6)],
      ...[few("A", 16, 0.7), few("A", 4, 0.6)],
      ...[few("0", 4, 0.55), few("0", 16, 0.55)],
    ]),
  );
  assert.equal(tables.length, 2);
  const table = tables.find(({ title }) => title.includes("ROC-AUC"))!;
  assert.deepEqual(column(table, "method"), ["always success", "A", "B", "0", "C"]);
  assert.deepEqual(means(column(table, "shots 4")), [".500", ".600", "*.650", ".550", ".500"]);
  assert.deepEqual(means(column(table, "shots 16")), [".500", "*.700", ".600", ".550", ".500"]);
});

test("few-shot and new-disease figures have the mean of the draws' intervals", () => {
  const drawn = (seed: number, bounds: [number, number]) => ({
    seed,
    figures: {
      ...base.figures,
      rocAuc: 0.6,
      interval: { prAuc: [0, 1], rocAuc: bounds },
    } satisfies CellResult["figures"],
  });
  const draws = [drawn(1, [0.5, 0.7]), drawn(2, [0.52, 0.72])];
  for (const [task, settings, head] of [
    ["few-shot", { shots: 4 }, "shots 4"],
    ["new-disease", { chapter: "C00-D49" }, "A"],
  ] as const) {
    const other = { task, settings: task === "few-shot" ? { shots: 8 } : { chapter: "E00-E89" } };
    const cells = [
      ...draws.map((draw) => ({ ...cell("A", {}), ...draw, task, settings })),
      cell("A", {}, other),
    ];
    const table = resultsTables(aggregate(cells)).find(({ title }) => title.includes("ROC-AUC"))!;
    assert.ok(column(table, head).includes("*.600 ± .000\n[.510, .710]*"), task);
  }
});

test("new diseases stand by chapter, with the means of the methods", () => {
  const left = (title: string, chapter: string, rocAuc: number) =>
    cell(title, { rocAuc }, { task: "new-disease", settings: { chapter } satisfies Settings });
  const [table] = resultsTables(
    aggregate([left("A", "C00-D49", 0.6), left("B", "C00-D49", 0.7), left("A", "E00-E89", 0.8)]),
  );
  assert.deepEqual(column(table!, "left out"), [
    "chapter C00-D49",
    "chapter E00-E89",
    "mean ± standard deviation of the lines",
  ]);
  assert.deepEqual(means(column(table!, "A")), [".600", "*.800", ".700 ± .141"]);
  assert.deepEqual(means(column(table!, "B")), ["*.700", "–", ".700"]);
  const [one, ...more] = resultsTables(aggregate([left("A", "C00-D49", 0.6)]));
  assert.equal(one!.title, "own, new-disease, chapter C00-D49: 20 trials, 15 successful");
  assert.deepEqual([column(one!, "method"), more], [["always success", "A"], []]);
});
