import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../base/random.js";
import { fitLogisticRegression, logitsOf, probabilitiesOf } from "./logistic-regression.js";
import { denseRows } from "./sparse.js";

const random = new Random("logistic regression");
const rows = Array.from({ length: 20 }, () => random.normals(3, 1));
const x = denseRows(rows);
const labels = rows.map(([a]) => +(a! + random.normal() > 0));
const offsets = Float64Array.from(rows, ([, b]) => 2 * b! + random.normal());
const C = 0.7;
const close = (a: ArrayLike<number>, b: ArrayLike<number>, tolerance = 1e-7) =>
  Array.from(a).forEach((value, i) => {
    assert.ok(Math.abs(value - b[i]!) < tolerance, `${value} for ${b[i]} at ${i}`);
  });

/** Where ½ |w|² + C Σ log loss is flat, written from its definition: the loss is convex, so one point. */
function slopes(
  weights: ArrayLike<number>,
  intercept: number,
  starts: ArrayLike<number>,
): number[] {
  const errors = rows.map((row, i) => {
    const logit = row.reduce((sum, value, j) => sum + value * weights[j]!, intercept + starts[i]!);
    return 1 / (1 + Math.exp(-logit)) - labels[i]!;
  });
  const total = (of: (row: Float32Array) => number) =>
    rows.reduce((sum, row, i) => sum + errors[i]! * of(row), 0);
  return [
    ...Array.from(weights, (weight, j) => weight + C * total((row) => row[j]!)),
    C * total(() => 1),
  ];
}

test("the fit is where the penalised loss is flat, with offsets and without", () => {
  for (const starts of [undefined, offsets]) {
    const { weights, intercept } = fitLogisticRegression(x, labels, C, starts);
    close(slopes(weights, intercept, starts ?? new Float64Array(20)), new Float64Array(4));
  }
  const plain = fitLogisticRegression(x, labels, C);
  const moved = fitLogisticRegression(x, labels, C, offsets);
  assert.ok(Math.abs(plain.weights[1]! - moved.weights[1]!) > 0.3, "offsets count");
});

test("equal offsets move the intercept alone, and no offset is one of zero", () => {
  const plain = fitLogisticRegression(x, labels, C);
  const moved = fitLogisticRegression(x, labels, C, new Float64Array(20).fill(1.5));
  close(moved.weights, plain.weights);
  close([moved.intercept + 1.5], [plain.intercept]);
  assert.deepEqual(fitLogisticRegression(x, labels, C, new Float64Array(20)), plain);
});

test("probabilities are the sigmoid of logits plus offsets", () => {
  const model = fitLogisticRegression(x, labels, C, offsets);
  const logits = logitsOf(model, x);
  close(
    probabilitiesOf(model, x, offsets),
    logits.map((logit, i) => 1 / (1 + Math.exp(-logit - offsets[i]!))),
    1e-12,
  );
  close(
    probabilitiesOf(model, x),
    logits.map((logit) => 1 / (1 + Math.exp(-logit))),
    1e-12,
  );
});
