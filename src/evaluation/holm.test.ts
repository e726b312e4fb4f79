import assert from "node:assert/strict";
import { test } from "node:test";
import { holm } from "./holm.js";

test("adjusted p-values are those of R's p.adjust", () => {
  // R 4.2.2, p.adjust(p, "holm").
  const family = [0.04, 0.001, 0.03, 0.03, 0.7, 0.012];
  [0.12, 0.006, 0.12, 0.12, 0.7, 0.06].forEach((expected, i) => {
    assert.ok(Math.abs(holm(family)[i]! - expected) < 1e-15);
  });
  [0.05, 0.08, 0.09, 0.09, 0.09].forEach((expected, i) => {
    assert.ok(Math.abs(holm([0.01, 0.02, 0.03, 0.04, 0.05])[i]! - expected) < 1e-15);
  });
  assert.deepEqual(holm([0.9, 0.6, 0.5]), [1, 1, 1]);
});

test("a family of one is left as it is, one of none is empty, what is no p-value is refused", () => {
  assert.deepEqual(holm([0.03]), [0.03]);
  assert.deepEqual(holm([]), []);
  assert.throws(() => holm([0.1, 1.2]), /row 2, field "p": 1.2 is not a p-value/);
  assert.throws(() => holm([Number.NaN]), /NaN is not a p-value/);
});
