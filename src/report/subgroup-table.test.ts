import assert from "node:assert/strict";
import { test } from "node:test";
import { aggregate, type Row } from "./aggregate.js";
import { subgroupTable } from "./subgroup-table.js";
import { madeUpCell } from "./test-support.js";

/** A method's row with groups of so many trials, so many of them successful. */
function rowOf(groups: Readonly<Record<string, readonly [n: number, positives: number]>>): Row {
  const what = { task: "supervised", dataset: "own", method: "lr", title: "LR" } as const;
  const { result } = madeUpCell({ ...what, seed: 1, strength: 1 }, 20);
  const figures = { prAuc: 0.7, rocAuc: 0.6, accuracy: null, brier: null };
  const chapter = Object.fromEntries(
    Object.entries(groups).map(([name, [n, positives]]) => [name, { n, positives, ...figures }]),
  );
  return aggregate([{ ...result, subgroups: { chapter } }])[0]!;
}

test("groups are shown from 20 trials and 5 of either outcome on, and the others counted", () => {
  const row = rowOf({ A: [20, 5], B: [19, 9], C: [20, 4], D: [100, 95], E: [100, 96], F: [1, 1] });
  const { rows, notes } = subgroupTable("chapter", [row])!;
  assert.deepEqual(
    rows.map(({ cells }) => cells),
    [
      ["A", "20", ".250", "LR", ".700", ".600"],
      ["D", "100", ".950", "LR", ".700", ".600"],
    ],
  );
  assert.deepEqual(notes, ["Not shown: 4 of 6, of less than 20 trials or 5 of either outcome."]);
  assert.deepEqual(subgroupTable("chapter", [rowOf({ A: [20, 5] })])!.notes, []);
});

test("there is no table where all groups are small", () => {
  assert.equal(subgroupTable("chapter", [rowOf({ B: [19, 9], F: [1, 1] })]), undefined);
});
