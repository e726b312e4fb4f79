import assert from "node:assert/strict";
import { test } from "node:test";
import { encodingsFor } from "./encode.js";
import type { Base, Cell } from "./grid.js";
import type { Task } from "./result.js";
import { Variant } from "./variant.js";

/** What decides what is encoded; the rest is not there. */
const baseOf = (preset: "default" | "paper", pretrained: boolean) =>
  ({ id: preset, spec: { preset, pretrained } }) as Base;
const cellOf = (dataset: string, method: string, base?: Base, task: Task = "zero-shot") =>
  ({
    ...{ task, dataset, method },
    ...(base && { model: { base, variant: Variant.parse(base.spec) } }),
  }) as Cell;

/** [preset, data sets, whether the successful trials, too] of each encoding. */
const encoded = (cells: readonly Cell[], bases: readonly Base[] = []) =>
  encodingsFor(cells, bases, ["a", "b", "c"]).map(({ preset, datasets, needsSct }) => [
    preset,
    datasets,
    needsSct,
  ]);

test("only what jobs read is encoded: a base needs every data set, a cell its own", () => {
  assert.deepEqual(encoded([]), []);
  const [b, a] = [cellOf("b", "nearest-successful"), cellOf("a", "knn", undefined, "supervised")];
  assert.deepEqual(encoded([b, a, b]), [["default", ["b", "a"], true]]);
  assert.deepEqual(encoded([a]), [["default", ["a"], false]]);
  // These read no hidden states.
  for (const method of ["all-positive", "known-success-tf-idf", "disease-base-rate", "llm"])
    assert.deepEqual(encoded([cellOf("b", method)]), []);
  for (const method of ["tf-idf-words", "tf-idf-characters"])
    assert.deepEqual(encoded([cellOf("b", method, undefined, "few-shot")]), []);

  const base = baseOf("default", true);
  const own = cellOf("b", "ours", base);
  assert.deepEqual(encoded([own], [base]), [["default", ["a", "b", "c"], true]]);
  assert.deepEqual(encoded([own]), [["default", ["b"], false]]); // the base is made

  // Each preset's hidden states for itself: those of the paper's are no input of baselines.
  const paper = baseOf("paper", false);
  assert.deepEqual(
    encoded([cellOf("b", "nearest-successful"), cellOf("a", "deep", paper)], [paper]),
    [
      ["default", ["b", "a"], true],
      ["paper", ["a", "b", "c"], false],
    ],
  );
});
