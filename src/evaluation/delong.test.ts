import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../base/random.js";
import { delong, delongTest } from "./delong.js";
import { rocAuc } from "./metrics.js";

const close = (actual: number, expected: number, tolerance = 1e-12) =>
  assert.ok(Math.abs(actual - expected) < tolerance, `${actual} is not ${expected}`);

/** Made up with R: 40 trials whose scores are rounded, so that many are equal. */
const labels = [
  0, 1, 1, 1, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 0, 1, 1, 0, 1, 0,
  0, 1, 0, 1, 0, 1, 1,
];
const first = [
  0, 2, 1, 4, 1, 0, 1, 2, 0, 2, 0, 2, -1, -1, 3, 0, 0, 0, -1, -1, 3, 0, 2, -2, -2, -2, 0, -2, 2, -1,
  -2, 0, 0, 1, 4, -1, 3, 0, 2, 2,
];
const second = [
  1.5, 0.5, 1, 1.5, 0.5, -1.5, 2.5, 1.5, -1.5, -0.5, 0.5, 2, 1, -0.5, 1, 1, -1, 0, 1.5, -1, 0.5, -1,
  3, -1, 0.5, 0.5, -0.5, 0, 0.5, -3, 0.5, 1, -1, -1.5, 1, 0.5, 1, 0.5, -1, 2.5,
];

test("the ratings of Hanley and McNeil (1982, table I) give the figures published for them", () => {
  const ratings = { normal: [33, 6, 6, 11, 2], abnormal: [3, 2, 2, 11, 33] };
  const repeat = (counts: number[]) =>
    counts.flatMap((count, rating) => new Array<number>(count).fill(rating + 1));
  const scores = [...repeat(ratings.normal), ...repeat(ratings.abnormal)];
  const estimate = delong(
    scores.map((_, i) => (i < 58 ? 0 : 1)),
    scores,
  );
  // Stata's manual, roctab: area 0.8932, standard error 0.0307, interval 0.83295 to 0.95339.
  close(estimate.rocAuc, 0.8932, 5e-5);
  close(estimate.standardError, 0.0307, 5e-5);
  close(estimate.interval[0], 0.83295, 5e-6);
  close(estimate.interval[1], 0.95339, 5e-6);
  // The same data in pROC 1.18.0.
  close(estimate.standardError, 0.030724408379381115);
});

test("estimate and paired test are those of pROC", () => {
  // pROC 1.18.0 (R 4.2.2): auc, var, ci, roc.test(paired = TRUE, method = "delong").
  const estimate = delong(labels, first);
  close(estimate.rocAuc, 0.7493734335839598);
  close(estimate.standardError ** 2, 0.0061889267864732849);
  close(estimate.interval[0], 0.5951835915238296);
  close(estimate.interval[1], 0.90356327564409022);
  close(delong(labels, second).standardError ** 2, 0.008784579800936481);
  const result = delongTest(labels, first, second);
  close(result.difference, 0.7493734335839598 - 0.61904761904761907);
  close(result.z, 1.3609073772351892);
  close(result.p, 0.17354296188462726);
  close(result.interval[0], -0.057368004322965016);
  close(result.interval[1], 0.3180196333956467);
});

/** DeLong's definition, pair by pair. */
function pairwise(outcomes: number[], a: number[], b: number[]): { covariance: number } {
  const [positives, negatives] = [1, 0].map((outcome) =>
    outcomes.flatMap((label, i) => (label === outcome ? i : [])),
  ) as [number[], number[]];
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const psi = (scores: number[], i: number, j: number) =>
    (Math.sign(scores[i]! - scores[j]!) + 1) / 2;
  const covarianceOf = (x: number[], y: number[]) =>
    x.reduce((sum, value, i) => sum + (value - mean(x)) * (y[i]! - mean(y)), 0) / (x.length - 1);
  const ofPositives = (s: number[]) =>
    positives.map((i) => mean(negatives.map((j) => psi(s, i, j))));
  const ofNegatives = (s: number[]) =>
    negatives.map((j) => mean(positives.map((i) => psi(s, i, j))));
  return {
    covariance:
      covarianceOf(ofPositives(a), ofPositives(b)) / positives.length +
      covarianceOf(ofNegatives(a), ofNegatives(b)) / negatives.length,
  };
}

test("one sort gives what comparing all pairs gives, with and without ties", () => {
  const random = new Random(3);
  for (const grain of [1, 4, 1e9]) {
    const outcomes = Array.from({ length: 61 }, (_, i) => (i % 3 === 0 ? 1 : 0));
    const draw = () => outcomes.map((y) => Math.round((y + 2 * random.normal()) * grain));
    const [a, b] = [draw(), draw()];
    const { rocAuc: area, standardError } = delong(outcomes, a);
    close(area, rocAuc(outcomes, a));
    close(standardError ** 2, pairwise(outcomes, a, a).covariance);
    const variance =
      pairwise(outcomes, a, a).covariance +
      pairwise(outcomes, b, b).covariance -
      2 * pairwise(outcomes, a, b).covariance;
    close(delongTest(outcomes, a, b).standardError ** 2, variance);
  }
});

test("vectors that rank alike do not differ, and the order of the two only turns the sign", () => {
  const alike = delongTest(
    labels,
    first,
    first.map((score) => Math.exp(score)),
  );
  assert.deepEqual(alike, { difference: 0, standardError: 0, interval: [0, 0], z: 0, p: 1 });
  const turned = delongTest(labels, second, first);
  assert.equal(turned.z, -delongTest(labels, first, second).z);
  assert.equal(turned.p, delongTest(labels, first, second).p);
});

test("perfect scores have no error, and opposite ones differ for certain", () => {
  const [outcomes, scores] = [
    [0, 0, 1, 1],
    [1, 2, 3, 4],
  ];
  assert.deepEqual(delong(outcomes, scores), { rocAuc: 1, standardError: 0, interval: [1, 1] });
  const opposite = delongTest(
    outcomes,
    scores,
    scores.map((score) => -score),
  );
  assert.deepEqual([opposite.difference, opposite.p], [1, 0]);
});

test("an interval ends at 1, and a single success has no variance", () => {
  const { rocAuc: area, interval } = delong([0, 0, 0, 1, 0, 1, 1, 1], [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.ok(area < 1);
  assert.equal(interval[1], 1);
  assert.throws(() => delong([1, 0, 0], [3, 2, 1]), /1 of 3 labels are 1.*two or more trials/);
});
