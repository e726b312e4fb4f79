import assert from "node:assert/strict";
import { test } from "node:test";
import { twoSidedP } from "../base/normal.js";
import { Random } from "../base/random.js";
import { averagePrecision, pairedBootstrap } from "../evaluation/index.js";
import { overSeeds, type Tests, testBoth } from "./paired-tests.js";

const near = (actual: number | null, expected: number) =>
  assert.ok(Math.abs(actual! - expected) < 1e-12, `${actual} is not ${expected}`);

const random = new Random("paired tests");
const labels = Array.from({ length: 200 }, (_, i) => (i % 2) as 0 | 1);
const first = labels.map((label) => label + random.normal());
const second = labels.map((label, i) => 0.1 * label + 0.5 * first[i]! + random.normal());

test("the p of PR-AUC is near the one counted over resamples, and has no floor", () => {
  const { prAuc } = testBoth(labels, first, second);
  const counted = pairedBootstrap(labels, first, second, averagePrecision, {
    seed: 1,
    resamples: 4000,
  });
  assert.ok(counted.p > 0.005 && counted.p < 0.5, `${counted.p}`);
  assert.ok(Math.abs(Math.log(prAuc.p / counted.p)) < 0.7, `${prAuc.p} is not near ${counted.p}`);
  near(prAuc.p, twoSidedP(prAuc.difference / prAuc.standardError));
  const opposite = first.map((score) => -score);
  assert.ok(testBoth(labels, first, opposite).prAuc.p < 1e-6);
});

test("scores that rank alike do not differ", () => {
  const { rocAuc, prAuc } = testBoth(labels, first, first.map(Math.exp));
  assert.deepEqual([rocAuc.p, prAuc.p, prAuc.difference, prAuc.standardError], [1, 1, 0, 0]);
});

/** Tests whose figures have this difference and p. */
const made = (difference: number, p: number): Tests => {
  const of = { first: 0.5 + difference, second: 0.5, standardError: 1, interval: [0, 1] } as const;
  return { rocAuc: { ...of, difference, p }, prAuc: { ...of, difference: -difference, p: 1 } };
};

test("over seeds there are the mean difference, its standard error and the median p", () => {
  const { rocAuc, prAuc } = overSeeds([made(0.1, 0.5), made(0.2, 0.01), made(0.3, 0.2)]);
  near(rocAuc.first, 0.7);
  near(rocAuc.second, 0.5);
  near(rocAuc.difference, 0.2);
  near(rocAuc.standardError, 0.1 / Math.sqrt(3)); // deviation √((.1² + 0 + .1²) / 2)
  assert.equal(rocAuc.medianP, 0.2);
  near(prAuc.difference, -0.2);
  near(overSeeds([made(-0.1, 0.1), made(-0.1, 0.4)]).rocAuc.medianP, 0.25);
  const one = overSeeds([made(-0.1, 1e-20)]).rocAuc;
  assert.deepEqual([one.standardError, one.medianP], [null, 1e-20]);
});

test("seeds that contradict each other are no evidence", () => {
  const { rocAuc } = overSeeds([made(0.1, 0.001), made(-0.1, 0.001), made(0.1, 0.9)]);
  near(rocAuc.medianP, 0.9); // one-sided .0005, .45, .9995
  assert.equal(overSeeds([made(0.1, 0.001), made(-0.1, 0.001)]).rocAuc.medianP, 1);
  assert.equal(overSeeds([made(0, 1), made(0, 1)]).rocAuc.medianP, 1);
});
