import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../base/random.js";
import { delongTest } from "./delong.js";
import { rocAuc } from "./metrics.js";
import { minimalDifference, plannedStandardError } from "./minimal-difference.js";

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

test("the planned error of one method is that of samples of exponential scores", () => {
  // For rate 1 of failures and mean m of successes, P(success outranks failure) = m / (1 + m).
  const random = new Random(1);
  const labels = Array.from({ length: 120 }, (_, i) => (i < 80 ? 1 : 0));
  const exponential = () => -Math.log(1 - random.uniform());
  const areas = Array.from({ length: 4000 }, () =>
    rocAuc(
      labels,
      labels.map((label) => exponential() * (label === 1 ? 0.7 / 0.3 : 1)),
    ),
  );
  const spread = Math.sqrt(mean(areas.map((area) => (area - mean(areas)) ** 2)));
  // Half of the variance of the difference of two independent methods, as r = 1/2 gives.
  const planned = plannedStandardError({
    positives: 80,
    negatives: 40,
    rocAuc: 0.7,
    correlation: 0.5,
  });
  assert.ok(Math.abs(spread / planned - 1) < 0.04, `${spread} is far from ${planned}`);
});

test("trials planned by Hanley and McNeil (1982, table III) show the difference planned for", () => {
  // 652 normal and 652 abnormal subjects tell .70 from .75, one-sided at .05, with power .8.
  const plan = { positives: 652, negatives: 652, correlation: 0 };
  const difference = (area: number) =>
    minimalDifference(plannedStandardError({ ...plan, rocAuc: area }), { level: 0.1 });
  // They take the null hypothesis' error for the level and the alternative's for the power.
  assert.ok(difference(0.75) < 0.05 && 0.05 < difference(0.7));
  assert.ok(Math.abs(difference(0.7) - 0.05) < 0.001);
});

test("DeLong's test finds the minimal difference in four of five samples", () => {
  const random = new Random(2);
  const labels = Array.from({ length: 200 }, (_, i) => (i % 2) as 0 | 1);
  const differences: number[] = [];
  const errors: number[] = [];
  let found = 0;
  for (let sample = 0; sample < 600; sample++) {
    const shared = labels.map(() => random.normal());
    const scores = (shift: number) =>
      labels.map((label, i) => shift * label + shared[i]! + random.normal());
    const { difference, standardError, p } = delongTest(labels, scores(1.32), scores(0.7));
    differences.push(difference);
    errors.push(standardError);
    if (p < 0.05) found += 1;
  }
  // The shifts were chosen so that the true difference is the minimal one.
  assert.ok(Math.abs(minimalDifference(mean(errors)) / mean(differences) - 1) < 0.03);
  assert.ok(Math.abs(found / 600 - 0.8) < 0.06, `${found} of 600`);
});

test("the published differences of TOP's test splits are those of planning with r = .5", () => {
  // A re-evaluation of the benchmark found .067, .035 and .050 for phases I, II and III from DeLong's
  // standard error of two models' scores. The areas here are typical of the phase's published models;
  // r = .43, .57 and .41 would give the same figures.
  const splits = [
    { positives: 347, negatives: 280, rocAuc: 0.6, published: 0.067 },
    { positives: 918, negatives: 736, rocAuc: 0.64, published: 0.035 },
    { positives: 860, negatives: 286, rocAuc: 0.7, published: 0.05 },
  ];
  for (const { published, ...split } of splits) {
    const planned = minimalDifference(plannedStandardError({ ...split, correlation: 0.5 }));
    assert.ok(Math.abs(planned - published) < 0.005, `${planned} is far from ${published}`);
  }
});
