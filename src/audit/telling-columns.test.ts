import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../base/random.js";
import {
  auditPaths,
  foundBy,
  range,
  type TopRow,
  temporaryFolder,
  topCsv,
  trials,
  writeFolder,
} from "./test-support.js";

const root = temporaryFolder();

/** 60 trials, a third of them failures, with columns by label and number. */
const csv = (
  first: number,
  columns: (label: string, i: number) => Readonly<Record<string, string>>,
): string =>
  topCsv(
    trials(range(first, 60), 40).map(
      (row, i): TopRow => ({ ...row, ...columns(row.label!, first + i) }),
    ),
  );

test("columns that tell the label by value, number or gap are named with their figure", () => {
  const random = new Random(1, "columns");
  const columns = (label: string, i: number) => ({
    approved_later: label === "1" ? "Yes" : "no",
    score: String(label === "1" ? -i : i),
    why: label === "1" ? "" : `a reason of its own, ${i}`,
    half: label === "0" && i % 2 === 0 ? "b" : "a",
    registered: `2010-01-${10 + random.integer(20)}`,
    site: `site ${random.integer(4)}`,
    key: `key ${i}`,
    noise: String(random.uniform()),
  });
  const folder = writeFolder(root, "told", {
    "phase_I_train.csv": csv(1, columns),
    "phase_I_test.csv": csv(101, columns),
  });
  const found = foundBy("telling-columns", auditPaths(folder));
  // Of the failures half have a text of their own: (1 + 1/2) / 2.
  assert.deepEqual(found, [
    [
      "warning",
      "phase I",
      "columns that tell the label, with the ROC-AUC of each alone: approved_later (its values: 1.000), " +
        "score (its numbers: 1.000), why (its gaps: 1.000), half (its values: .750)",
    ],
  ]);
});

test("ids, free text, chance and columns without a difference are not named", () => {
  const random = new Random(1, "honest columns");
  const files = range(1, 20).map((set) => {
    const content = csv(100 * set, (_, i) => ({
      text: `one row has it: ${i}`,
      colour: ["red", "green", "blue"][random.integer(3)]!,
      gap: random.integer(2) === 0 ? "" : "x",
      number: String(random.uniform()),
      same: "",
    }));
    return [`set-${set}_train.csv`, content] as const;
  });
  // By chance one data set of a hundred has a finding, and none of these twenty has.
  const folder = writeFolder(root, "honest", Object.fromEntries(files));
  assert.deepEqual(foundBy("telling-columns", auditPaths(folder)), []);
});
