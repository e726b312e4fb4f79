import assert from "node:assert/strict";
import { test } from "node:test";
import { fitImputation } from "./knn-imputation.js";
import { REFERENCE, rowsOf } from "./test-support.js";

test("missing values are those of scikit-learn's KNNImputer, in training rows and new ones", () => {
  const { holed, imputed, labels, columns } = REFERENCE;
  assert.ok(holed.includes(null));
  const impute = fitImputation(rowsOf(holed.slice(0, labels.length * columns)));
  const { x } = impute(rowsOf(holed));
  imputed.forEach((value, i) => {
    assert.ok(Math.abs(x[i]! - value) < 1e-4, `value ${i}`);
  });
});
