import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../base/random.js";
import { interval } from "./bootstrap.js";
import { delongTest } from "./delong.js";
import { averagePrecision, countPositives, type Metric, rocAuc } from "./metrics.js";
import { pairedBootstrap } from "./paired-bootstrap.js";

const random = new Random(8);
const labels = Array.from({ length: 300 }, (_, i) => (i % 2) as 0 | 1);
const shared = labels.map((label) => 0.7 * label + random.normal());
const first = shared.map((score) => score + 0.6 * random.normal());
const second = shared.map((score) => score + 1.2 * random.normal());

test("of ROC-AUC it finds what DeLong's test finds", () => {
  const { difference, standardError, interval, p } = pairedBootstrap(
    labels,
    first,
    second,
    rocAuc,
    {
      seed: 1,
      resamples: 2000,
    },
  );
  const expected = delongTest(labels, first, second);
  assert.ok(Math.abs(difference - expected.difference) < 1e-12);
  const error = (interval[1] - interval[0]) / 2 / 1.96;
  assert.ok(Math.abs(error / expected.standardError - 1) < 0.08, `${error}`);
  assert.ok(Math.abs(standardError / expected.standardError - 1) < 0.08, `${standardError}`);
  assert.ok(expected.p > 0.02 && expected.p < 0.3, `${expected.p}`);
  assert.ok(Math.abs(p / expected.p - 1) < 0.35, `${p} is far from ${expected.p}`);
});

test("both are measured on the resamples of the interval", () => {
  const options = { seed: 5, resamples: 99 };
  // A metric of the drawn labels alone is the same for both on every resample.
  const successes: Metric = (drawn) => countPositives(drawn);
  assert.deepEqual(pairedBootstrap(labels, first, second, successes, options), {
    difference: 0,
    standardError: 0,
    interval: [0, 0],
    p: 1,
  });
  // Less 0 for the second, the first's differences are its own figures.
  const same = new Float64Array(labels.length);
  const ofFirst: Metric = (drawn, scores) =>
    new Set(Array.from(scores)).size === 1 ? 0 : averagePrecision(drawn, scores);
  assert.deepEqual(
    pairedBootstrap(labels, first, same, ofFirst, options).interval,
    interval(labels, first, averagePrecision, options),
  );
});

test("the p-value by its formula: twice the smaller tail, never 0", () => {
  const better = pairedBootstrap([1, 0], [2, 1], [1, 2], rocAuc, { seed: 1, resamples: 199 });
  assert.deepEqual(better, {
    difference: 1,
    standardError: 0,
    interval: [1, 1],
    p: 2 / 200,
  });
  const there = pairedBootstrap(labels, first, second, averagePrecision, { seed: 2 });
  const back = pairedBootstrap(labels, second, first, averagePrecision, { seed: 2 });
  assert.equal(back.p, there.p);
  assert.equal(back.difference, -there.difference);
  assert.ok(Math.abs(back.interval[0] + there.interval[1]) < 1e-12);
});

test("either score vector is checked", () => {
  const bad = [...second.slice(1), Number.NaN];
  for (const [a, b] of [
    [first, bad],
    [bad, first],
  ] as const) {
    assert.throws(
      () => pairedBootstrap(labels, a, b, rocAuc, { seed: 1 }),
      /row 300, field "score"/,
    );
  }
});
