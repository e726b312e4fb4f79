import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../base/random.js";
import { type Point, precisionRecallCurve, rocCurve } from "./curves.js";
import { averagePrecision, rocAuc } from "./metrics.js";

/** Area below the straight lines between points. */
const area = (points: readonly Point[]) =>
  points
    .slice(1)
    .reduce((sum, [x, y], i) => sum + ((x - points[i]![0]) * (y + points[i]![1])) / 2, 0);

test("curves worked out by hand: ties enter together, straight lines have two ends", () => {
  const labels = [1, 1, 0, 1, 0, 0];
  const scores = [6, 5, 4, 3, 3, 1];
  assert.deepEqual(rocCurve(labels, scores), [
    [0, 0],
    [0, 2 / 3],
    [1 / 3, 2 / 3],
    [2 / 3, 1],
    [1, 1],
  ]);
  assert.deepEqual(precisionRecallCurve(labels, scores), [
    [0, 1],
    [1 / 3, 1],
    [1 / 3, 1],
    [2 / 3, 1],
    [2 / 3, 3 / 5],
    [1, 3 / 5],
  ]);
});

test("one score for all: the diagonal, and the prevalence", () => {
  const [labels, scores] = [
    [1, 0, 0, 0],
    [2, 2, 2, 2],
  ];
  assert.deepEqual(rocCurve(labels, scores), [
    [0, 0],
    [1, 1],
  ]);
  assert.deepEqual(precisionRecallCurve(labels, scores), [
    [0, 0.25],
    [1, 0.25],
  ]);
});

test("the area below is the figure reported, with many ties and with few", () => {
  const random = new Random(4);
  const labels = Array.from({ length: 200 }, (_, i) => (i % 3 === 0 ? 1 : 0));
  for (const grain of [1, 5, 1e9]) {
    const scores = labels.map((label) => Math.round((label + random.normal()) * grain));
    assert.ok(Math.abs(area(rocCurve(labels, scores)) - rocAuc(labels, scores)) < 1e-12);
    const below = area(precisionRecallCurve(labels, scores));
    assert.ok(Math.abs(below - averagePrecision(labels, scores)) < 1e-12);
  }
});

test("one outcome has no curve", () => {
  for (const curve of [rocCurve, precisionRecallCurve]) {
    assert.throws(() => curve([1, 1], [1, 2]), /all 2 labels are 1/);
  }
});
