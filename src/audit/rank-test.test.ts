import assert from "node:assert/strict";
import { test } from "node:test";
import { rankTest } from "./rank-test.js";

const near = (given: number, expected: number) =>
  assert.ok(Math.abs(given - expected) < 1e-12, `${given} is not ${expected}`);

test("Mann and Whitney's test, with ties and over strata, by hand", () => {
  // 8 of 9 pairs in order; the variance of U is 3 · 3 · 7 / 12.
  const one = { labels: [0, 0, 1, 0, 1, 1], scores: [1, 2, 3, 4, 5, 6] };
  near(rankTest([one]).share, 8 / 9);
  near(rankTest([one]).z, 3.5 / Math.sqrt(5.25));
  // Two halves of ten tied: U = 25, 10 · 10 / 12 · (21 − 2 · 990 / 380) its variance.
  const labels = [...Array(10).fill(0), ...Array(10).fill(1)];
  const tied = { labels, scores: labels };
  near(rankTest([tied]).share, 1);
  near(rankTest([tied]).z, 50 / Math.sqrt((100 / 12) * (21 - 1980 / 380)));
  // Scores are compared within strata alone; one of a single label says nothing.
  const shifted = { labels: one.labels, scores: one.scores.map((score) => score - 100) };
  near(rankTest([one, shifted, { labels: [1], scores: [-1e3] }]).share, 8 / 9);
  near(rankTest([one, shifted]).z, 7 / Math.sqrt(10.5));
  assert.deepEqual(rankTest([{ labels: [0, 1, 1], scores: [2, 2, 2] }]), { share: 0.5, z: 0 });
  assert.deepEqual(rankTest([]), { share: 0.5, z: 0 });
});
