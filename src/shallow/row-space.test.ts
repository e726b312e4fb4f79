import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../base/random.js";
import { fitLogisticRegression, logitsOf } from "./logistic-regression.js";
import { rowSpace } from "./row-space.js";
import { denseRows, selectRows } from "./sparse.js";

const random = new Random("row space");
const rows = Array.from({ length: 12 }, () => random.normals(40, 1));
rows.push(rows[0]!); // two trials with the same criteria
const x = denseRows(rows);
const labels = rows.map((_, i) => +(i % 3 === 0));

test("a regression on coordinates is the one on the rows", () => {
  const { coordinates, weightsOf } = rowSpace(x);
  const direct = fitLogisticRegression(x, labels, 2);
  const { weights, intercept } = fitLogisticRegression(coordinates, labels, 2);
  assert.ok(Math.abs(intercept - direct.intercept) < 1e-6);
  weightsOf(weights).forEach((weight, column) => {
    assert.ok(Math.abs(weight - direct.weights[column]!) < 1e-6, `column ${column}`);
  });
});

test("one fitted on some rows says the same of the others", () => {
  const { coordinates } = rowSpace(x);
  const known = [0, 2, 3, 5, 6, 7, 9];
  const unseen = [1, 4, 8, 10, 11, 12];
  const some = known.map((row) => labels[row]!);
  const said = [x, coordinates].map((all) =>
    logitsOf(fitLogisticRegression(selectRows(all, known), some, 2), selectRows(all, unseen)),
  );
  said[0]!.forEach((logit, i) => {
    assert.ok(Math.abs(logit - said[1]![i]!) < 1e-6, `row ${unseen[i]}`);
  });
});
