import assert from "node:assert/strict";
import { test } from "node:test";
import { precisionRecallCurve, rocCurve } from "../evaluation/index.js";
import { onLine, onStep, sampled, thinned } from "./curve-points.js";

const labels = [1, 1, 0, 1, 0, 0];
const scores = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4];

test("curves are read on their lines and steps", () => {
  const roc = rocCurve(labels, scores); // (0, 0), (0, 2/3), (1/3, 2/3), (1/3, 1), (1, 1)
  assert.deepEqual(
    [0, 0.2, 1 / 3, 1].map((x) => onLine(roc, x)),
    [2 / 3, 2 / 3, 1, 1],
  );
  assert.equal(
    onLine(
      [
        [0, 0],
        [0.5, 1],
      ],
      0.25,
    ),
    0.5,
  );
  assert.equal(
    onLine(
      [
        [0, 0],
        [0.5, 1],
      ],
      0.6,
    ),
    undefined,
  );
  const steps = precisionRecallCurve(labels, scores); // 1 up to recall 2/3, then 3/4
  assert.deepEqual(
    [0.5, 2 / 3, 0.7, 1].map((x) => onStep(steps, x)),
    [1, 1, 0.75, 0.75],
  );
});

test("a table of curves says where one has no value", () => {
  const curves = [
    {
      name: "a",
      points: [
        [0, 1],
        [0.5, 0],
      ] as const,
    },
  ];
  const { rows } = sampled("x", curves, [0, 0.25, 1], onLine);
  assert.deepEqual(
    rows.map(({ cells }) => cells),
    [
      [".000", "1.000"],
      [".250", ".500"],
      ["1.000", "–"],
    ],
  );
});

test("thinning leaves no point further than a pixel from what is kept, and keeps the ends", () => {
  const points = Array.from({ length: 2001 }, (_, i) => [i / 2000, (i / 2000) ** 2] as const);
  const kept = thinned(points);
  assert.ok(kept.length < 400, `${kept.length} points`);
  assert.deepEqual([kept[0], kept.at(-1)], [points[0], points.at(-1)]);
  for (const [x, y] of points) {
    const distances = kept.map(([a, b]) => Math.max(Math.abs(a - x), Math.abs(b - y)));
    assert.ok(Math.min(...distances) < 0.003);
  }
});
