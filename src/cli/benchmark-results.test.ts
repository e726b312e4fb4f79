import assert from "node:assert/strict";
import { test } from "node:test";
import { compareMethods } from "../report/compare.js";
import { madeUpBenchmark, writeBenchmark } from "../report/test-support.js";
import { printComparisons, printResults } from "./benchmark-results.js";

const cells = madeUpBenchmark({ datasets: ["phase-1"], seeds: [1, 2], trials: 40 });
const folder = writeBenchmark(cells);

/** What is printed. */
function printed(action: () => void): string {
  const lines: unknown[] = [];
  const { log } = console;
  console.log = (line: unknown) => lines.push(line);
  try {
    action();
  } finally {
    console.log = log;
  }
  return lines.join("\n");
}

test("results are tables for readers and rows for programs", () => {
  const tables = printed(() => printResults(folder, { json: false }));
  assert.match(tables, /^phase-1, zero-shot: 40 trials/m);
  assert.match(tables, /│ always success +│/);
  const { rows, failures } = JSON.parse(printed(() => printResults(folder, { json: true })));
  const ours = rows.find(
    (row: { method: string; task: string }) =>
      row.method === "cladmop" && row.task === "supervised",
  );
  assert.deepEqual(ours.seeds, [1, 2]);
  const [a, b] = cells
    .filter(({ result }) => result.method === "cladmop" && result.task === "supervised")
    .map(({ result }) => result.figures.rocAuc);
  assert.ok(Math.abs(ours.figures.rocAuc.mean - (a! + b!) / 2) < 1e-12);
  assert.deepEqual(failures, []);
});

test("comparisons are a table for readers and records for programs", () => {
  const comparisons = compareMethods({ folder, first: "cladmop", second: "mexa-ctp" });
  const table = printed(() => printComparisons(comparisons, { json: false }));
  assert.match(table, /phase-1, supervised │ CLaDMoP − MEXA-CTP +│ /);
  for (const line of ["ensembles of seeds 1, 2", "mean of seeds 1, 2", "seed 1", "seed 2"])
    assert.match(table, new RegExp(`│ ${line} +│`));
  const { comparisons: records } = JSON.parse(
    printed(() => printComparisons(comparisons, { json: true })),
  );
  assert.deepEqual([records[0].first, records[0].second], ["cladmop", "mexa-ctp"]);
  assert.equal(records[0].ensemble.rocAuc.p, comparisons[0]!.ensemble!.rocAuc.p);
  assert.equal(records[0].adjusted.prAuc, comparisons[0]!.adjusted.prAuc);
  assert.equal(records[0].bySeed.length, 2);
});
