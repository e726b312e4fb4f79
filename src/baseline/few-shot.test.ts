import assert from "node:assert/strict";
import { test } from "node:test";
import { madeUpTrial } from "../model/test-support.js";
import { denseRows, fitLogisticRegression, probabilitiesOf } from "../shallow/index.js";
import type { BaselineTrial } from "./baseline.js";
import { knn } from "./knn.js";
import { logisticEmbeddings } from "./logistic-embeddings.js";
import { prototypes } from "./prototypes.js";
import { OPTIONS } from "./test-support.js";

const { features } = madeUpTrial(0);
const at = (...states: number[]): BaselineTrial => ({
  features,
  states: Float32Array.from(states),
  segments: [],
});
/** Seen from their mean (10, 10): failures to the left and below, successes to the right and above. */
const training = {
  trials: [at(7, 10), at(10, 9), at(11, 10), at(12, 11)],
  labels: [0, 0, 1, 1],
};

test("prototypes: the cosine to the mean success less that to the mean failure", async () => {
  const score = await prototypes.fit(training, undefined, OPTIONS);
  // Failures point to (-1, 0) and (0, -1), successes to (1, 0) and (2, 1) / √5.
  const failure = -Math.SQRT1_2;
  const [x, y] = [1 + 2 / Math.sqrt(5), 1 / Math.sqrt(5)];
  const success = [x / Math.hypot(x, y), y / Math.hypot(x, y)] as const;
  const scores = await score([at(15, 10), at(10, 17), at(10, 10)]);
  const expected = [success[0] - failure, success[1] - failure, 0];
  scores.forEach((value, i) => {
    assert.ok(Math.abs(value - expected[i]!) < 1e-12);
  });
});

test("knn: the share of successes among the nearest, with one more at the base rate", async () => {
  // Without validation trials k = √4 = 2.
  const score = await knn.fit(training, undefined, OPTIONS);
  const scores = await score([at(99, 20), at(9, 9), at(20, 1)]);
  // To the right: both successes; down left: both failures; down right: one of either.
  assert.deepEqual([...scores], [2.5 / 3, 0.5 / 3, 1.5 / 3]);
});

test("knn: validation trials choose how many", async () => {
  const many = {
    trials: Array.from({ length: 30 }, (_, i) => at(Math.cos(i / 5), Math.sin(i / 5))),
    labels: Array.from({ length: 30 }, (_, i) => i % 2),
  };
  // Each is nearest to itself, then to its two neighbours, whose outcome is the opposite.
  const opposite = { ...many, labels: many.labels.map((label) => 1 - label) };
  const itself = await knn.fit(many, many, OPTIONS);
  const three = await knn.fit(many, opposite, OPTIONS);
  const success = many.trials[15]!;
  assert.deepEqual([...(await itself([success]))], [1.5 / 2]);
  assert.deepEqual([...(await three([success]))], [1.5 / 4]);
});

/** Mean (10, 10), standard deviations 2 and 4: not where the few shots are. */
const pool = [at(8, 6), at(12, 14), at(8, 14), at(12, 6)];
const shots = { trials: [at(11, 10), at(10, 30)], labels: [0, 1] };

test("a pool of trials without labels says where the middle is", async () => {
  const score = await prototypes.fit(shots, undefined, { ...OPTIONS, pool });
  // Seen from (10, 10) the failure points to (1, 0), the success to (0, 1).
  const scores = await score([at(10, 11), at(13, 14), at(9, 10)]);
  [1, 4 / 5 - 3 / 5, 1].forEach((value, i) => {
    assert.ok(Math.abs(scores[i]! - value) < 1e-12, `${scores}`);
  });
  const four = { trials: [at(11, 10), at(12, 11), at(10, 30), at(11, 40)], labels: [0, 0, 1, 1] };
  const nearest = await knn.fit(four, undefined, { ...OPTIONS, pool });
  assert.deepEqual([...(await nearest([at(10, 11), at(11, 10)]))], [2.5 / 3, 0.5 / 3]);
  // Seen from their own mean (11, 22.75) the first of them is with the failures.
  const alone = await knn.fit(four, undefined, OPTIONS);
  assert.deepEqual([...(await alone([at(10, 11)]))], [0.5 / 3]);
});

test("a pool of trials without labels standardises the embeddings of logistic regression", async () => {
  const score = await logisticEmbeddings.fit(shots, undefined, { ...OPTIONS, pool });
  const rows = (some: readonly BaselineTrial[]) =>
    denseRows(
      some.map(({ states: [x, y] }) =>
        Float32Array.of((x! - 10) / 2 / Math.SQRT2, (y! - 10) / 4 / Math.SQRT2),
      ),
    );
  const model = fitLogisticRegression(rows(shots.trials), shots.labels, 1);
  const expected = probabilitiesOf(model, rows(pool));
  (await score(pool)).forEach((p, i) => {
    assert.ok(Math.abs(p - expected[i]!) < 1e-6, `${p} for ${expected[i]}`);
  });
});
