import assert from "node:assert/strict";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { InputError } from "../base/error.js";
import { readPredictions } from "../benchmark/predictions.js";
import { readResults } from "./read-results.js";
import { MADE_UP_FAILURE, madeUpCell, writeBenchmark } from "./test-support.js";

const what = { task: "supervised", dataset: "phase-1", title: "LR", strength: 1 } as const;
const cells = [1, 2].map((seed) => madeUpCell({ ...what, method: "lr", seed }, 30));

/** What is thrown is an InputError whose location has these parts. */
function refuses(action: () => unknown, expected: Partial<InputError["location"]>): void {
  assert.throws(action, (error) => {
    assert.ok(error instanceof InputError, String(error));
    for (const [part, value] of Object.entries(expected)) {
      assert.equal(error.location[part as keyof typeof expected], value);
    }
    return true;
  });
}

test("what a benchmark wrote is read back", () => {
  const folder = writeBenchmark(cells, { failures: [MADE_UP_FAILURE] });
  const results = readResults(folder);
  assert.deepEqual(
    results.cells,
    cells.map(({ result }) => result),
  );
  assert.deepEqual(results.failures, [MADE_UP_FAILURE]);
  assert.deepEqual(results.remarks, []);
  assert.deepEqual(readPredictions(folder, results.cells[1]!), cells[1]!.predictions);
});

test("a last line that a kill cut off is left out with a word, one before it is not", () => {
  const folder = writeBenchmark(cells);
  const file = join(folder, "results.ndjson");
  const [first, second] = readFileSync(file, "utf8").split("\n");
  writeFileSync(file, `${first}\n${second!.slice(0, 200)}`);
  const { cells: kept, remarks } = readResults(folder);
  assert.equal(kept.length, 1);
  assert.match(remarks[0]!, /results\.ndjson was cut off/);
  writeFileSync(file, `${first!.slice(0, 200)}\n${second}\n`);
  refuses(() => readResults(folder), { file, row: 1 });
});

test("a malformed field is named with file and row", () => {
  const folder = writeBenchmark(cells);
  const file = join(folder, "results.ndjson");
  const wrong = { ...cells[0]!.result, figures: { ...cells[0]!.result.figures, rocAuc: 1.5 } };
  appendFileSync(file, `${JSON.stringify(wrong)}\n`);
  refuses(() => readResults(folder), { file, row: 3, field: "figures.rocAuc" });
});

test("a folder without results, and one without a whole line, are refused", () => {
  refuses(() => readResults("/nowhere"), { file: "/nowhere/results.ndjson" });
  const folder = writeBenchmark([]);
  refuses(() => readResults(folder), { file: join(folder, "results.ndjson") });
});

test("a cell that failed and then succeeded counts as success", () => {
  const { id, task, dataset, method, settings, seed } = cells[0]!.result;
  const failure = { id, task, dataset, method, settings, seed, message: "x", log: "x" };
  const folder = writeBenchmark(cells, { failures: [failure, MADE_UP_FAILURE] });
  assert.deepEqual(readResults(folder).failures, [MADE_UP_FAILURE]);
});

test("of two configurations of a cell the later counts, with a word", () => {
  const later = { ...cells[0]!.result, id: "later" };
  const folder = writeBenchmark([...cells, { ...cells[0]!, result: later }]);
  const results = readResults(folder);
  assert.deepEqual(
    results.cells.map(({ id }) => id),
    ["later", cells[1]!.result.id],
  );
  assert.match(results.remarks[0]!, /two configurations/);
});

test("rows that mix versions of a file are remarked on", () => {
  const other = { ...cells[1]!.result, data: { "phase-1_test.csv": "another hash" } };
  const folder = writeBenchmark([cells[0]!, { ...cells[1]!, result: other }]);
  assert.match(readResults(folder).remarks[0]!, /^phase-1_test\.csv \(phase-1\) was read in 2/);
});

test("predictions that do not fit are refused", () => {
  const { result, predictions } = cells[0]!;
  const reading = (changed: object) => {
    const folder = writeBenchmark([{ result, predictions: { ...predictions, ...changed } }]);
    return {
      file: join(folder, "predictions", `${result.id}.json`),
      read: () => readPredictions(folder, result),
    };
  };
  const expectations: [object, string][] = [
    [{ scores: [0.5] }, "scores"],
    [{ scores: predictions.scores.map(() => 2) }, "scores"],
    [{ labels: predictions.labels.map(() => 2) }, "labels.0"],
    [{ trials: ["NCT1"], labels: [1], scores: [0.5] }, "trials"],
  ];
  for (const [changed, field] of expectations) {
    const { file, read } = reading(changed);
    refuses(read, { file, field });
  }
});

test("the size of the grid is read where it is told, and refused where it is malformed", () => {
  const folder = writeBenchmark(cells);
  const file = join(folder, "grid.json");
  assert.equal(readResults(folder).grid, undefined);
  const grid = { cells: 7, byTask: { supervised: 4, ablation: 3 } };
  writeFileSync(file, JSON.stringify(grid));
  assert.deepEqual(readResults(folder).grid, grid);
  writeFileSync(file, JSON.stringify({ ...grid, byTask: { supervised: -1 } }));
  refuses(() => readResults(folder), { file, field: "byTask.supervised" });
  writeFileSync(file, "{");
  refuses(() => readResults(folder), { file });
});
