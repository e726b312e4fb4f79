import assert from "node:assert/strict";
import { test } from "node:test";
import {
  figureText,
  number,
  numbersText,
  pText,
  spreadText,
  tableRow,
  terminalTable,
  text,
} from "./table.js";

test("figures as papers write them", () => {
  assert.deepEqual([0.7049, 1, -0.0124, -0.0001, 12.3456].map(figureText), [
    ".705",
    "1.000",
    "−.012",
    ".000",
    "12.346",
  ]);
  assert.equal(spreadText({ mean: 0.7, deviation: 0.0123 }), ".700 ± .012");
  assert.equal(spreadText({ mean: 0.7, deviation: null }), ".700");
  assert.deepEqual([0.00099, 0.001, 1].map(pText), ["< .001", ".001", "1.000"]);
});

test("runs of numbers are ranges", () => {
  assert.equal(numbersText([1, 2, 3, 5, 7, 8]), "1–3, 5, 7, 8");
  assert.equal(numbersText([]), "");
});

test("a table for the terminal", () => {
  const table = terminalTable({
    title: "Title",
    columns: [text("method"), number("ROC-AUC")],
    rows: [tableRow(["LR", ".600\n[.500, .700]"])],
    notes: ["A note."],
  });
  assert.deepEqual(table.split("\n"), [
    "Title",
    "┌────────┬──────────────┐",
    "│ method │      ROC-AUC │",
    "├────────┼──────────────┤",
    "│ LR     │         .600 │",
    "│        │ [.500, .700] │",
    "└────────┴──────────────┘",
    "A note.",
  ]);
});
