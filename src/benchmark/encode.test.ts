import assert from "node:assert/strict";
import { test } from "node:test";
import { encodingsFor } from "./encode.js";
import type { Base, Cell } from "./grid.js";
import { Variant } from "./variant.js";

/** What decides what is encoded; the rest is not there. */
const baseOf = (preset: "default" | "paper", pretrained: boolean) =>
  ({ id: preset, spec: { preset, pretrained } }) as Base;
const cellOf = (dataset: string, method: string, base?: Base) =>
  ({
    ...{ task: "zero-shot", dataset, method },
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
  const [b, a] = [cellOf("b", "all-positive"), cellOf("a", "all-positive")];
  assert.deepEqual(encoded([b, a, b]), [["default", ["b", "a"], false]]);
  assert.deepEqual(encoded([b, cellOf("b", "known-success-tf-idf")]), [["default", ["b"], true]]);

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
