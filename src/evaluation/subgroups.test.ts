import assert from "node:assert/strict";
import { test } from "node:test";
import { figuresBySubgroup } from "./subgroups.js";

const labels = [1, 0, 1, 0, 1, 1];
const scores = [0.9, 0.2, 0.4, 0.6, 0.5, 0.3];
const groups = new Map([
  ["both", [0, 1, 2, 3]],
  ["successes", [4, 5]],
]);

test("each group has the figures of its own trials", () => {
  const figures = figuresBySubgroup(groups, {
    labels,
    scores,
    threshold: 0.5,
    areProbabilities: true,
  });
  assert.deepEqual(Object.keys(figures), ["both", "successes"]);
  assert.deepEqual(figures.both, {
    n: 4,
    positives: 2,
    prAuc: (1 + 2 / 3) / 2,
    rocAuc: 3 / 4,
    accuracy: 2 / 4,
    brier: (0.1 ** 2 + 0.2 ** 2 + 0.6 ** 2 + 0.6 ** 2) / 4,
  });
  assert.deepEqual(figures.successes, {
    n: 2,
    positives: 2,
    prAuc: null,
    rocAuc: null,
    accuracy: 1 / 2,
    brier: (0.5 ** 2 + 0.7 ** 2) / 2,
  });
});

test("a method that only ranks has neither decisions nor a Brier score", () => {
  const figures = figuresBySubgroup(groups, {
    labels,
    scores: scores.map((score) => 10 * score),
    threshold: null,
    areProbabilities: false,
  });
  assert.deepEqual(
    [figures.both!.rocAuc, figures.both!.accuracy, figures.both!.brier],
    [0.75, null, null],
  );
});

test("a trial that is not there is refused", () => {
  const given = { labels, scores, threshold: 0.5, areProbabilities: true };
  assert.throws(() => figuresBySubgroup(new Map([["a", [7]]]), given), /label undefined/);
  assert.throws(() => figuresBySubgroup(new Map([["a", []]]), given), /no labelled trials/);
});
