import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { Performance } from "./answer.js";
import type { History } from "./history.js";
import { openHistory } from "./open.js";
import { kept, MODEL, onBoth, servesTests } from "./test-support.js";

servesTests();

type Used = Parameters<typeof kept>[1];

/** Keeps a prediction of a registered trial (by its number) or of a draft. */
async function predict(
  history: History,
  trial: number | string,
  probability: number,
  more: Used = {},
): Promise<string> {
  const draft =
    typeof trial === "number" ? { nctId: `NCT0000000${trial}` } : { eligibilityCriteria: trial };
  return (await history.add(kept(draft, { probability, ...more }))).id;
}

onBoth("figures of labelled trials, by hand", async ({ newUrl }) => {
  const history = await openHistory(await newUrl());
  assert.deepEqual(await history.performance(), { models: [] });
  const outcomes: [probability: number, label: 0 | 1][] = [
    [0.9, 1],
    [0.6, 1],
    [0.4, 1],
    [0.5, 0],
    [0.2, 0],
  ];
  for (const [i, [probability, label]] of outcomes.entries())
    await history.setLabel(await predict(history, i, probability), { label });
  await predict(history, 9, 0.99); // without a label it counts for nothing
  const performance = await history.performance();
  assert.deepEqual(Performance.parse(performance), performance);
  assert.equal(performance.models.length, 1);
  const { model, unseen, unsaid, seen } = performance.models[0]!;
  assert.deepEqual([model, unsaid, seen], [MODEL, 0, null]);
  const { n, successes, brier, logLoss, rocAuc, ece, bins } = unseen!;
  assert.deepEqual([n, successes], [5, 3]);
  const close = (value: number, expected: number) =>
    assert.ok(Math.abs(value - expected) < 1e-12, `${value} ${expected}`);
  close(brier, (0.01 + 0.16 + 0.36 + 0.25 + 0.04) / 5);
  close(logLoss, -Math.log(0.9 * 0.6 * 0.4 * 0.5 * 0.8) / 5);
  close(rocAuc!.value, 5 / 6);
  // DeLong: placements of successes 1, 1, 1/2, of failures 2/3, 1: variances 1/12 and 1/18.
  const margin = 1.959963984540054 * Math.sqrt(1 / 12 / 3 + 1 / 18 / 2);
  close(rocAuc!.interval![0], 5 / 6 - margin);
  close(rocAuc!.interval![1], 1); // cut
  close(ece, (0.1 + 0.4 + 0.6 + 0.5 + 0.2) / 5);
  assert.deepEqual(
    bins.map(({ count, predicted, observed }) => [count, predicted, observed]),
    [
      [1, 0.2, 0],
      [1, 0.4, 1],
      [1, 0.5, 0],
      [1, 0.6, 1],
      [1, 0.9, 1],
    ],
  );
  await history.close();
});

onBoth(
  "without both outcomes there is no ROC-AUC, with one of one no interval",
  async ({ newUrl }) => {
    const history = await openHistory(await newUrl());
    const label = async (trial: number, probability: number, label: 0 | 1) => {
      await history.setLabel(await predict(history, trial, probability), { label });
      return (await history.performance()).models[0]!.unseen!;
    };
    assert.equal((await label(1, 0.7, 1)).rocAuc, null);
    assert.equal((await label(2, 0.6, 1)).rocAuc, null);
    assert.deepEqual((await label(3, 0.5, 0)).rocAuc, { value: 1, interval: null });
    assert.equal((await label(4, 0.65, 0)).rocAuc!.interval!.length, 2);
    await history.close();
  },
);

onBoth(
  "a trial counts once: its last prediction before the outcome was known",
  async ({ newUrl }) => {
    const history = await openHistory(await newUrl());
    const counted = async () => {
      const { unseen } = (await history.performance()).models[0]!;
      return unseen!.bins.flatMap(({ count, predicted, observed }) =>
        Array.from({ length: count }, () => [predicted, observed]),
      );
    };
    const first = await predict(history, 1, 0.1);
    await predict(history, 1, 0.2); // of the amended record
    await history.setLabel(first, { label: 1 });
    await sleep(2);
    const late = await predict(history, 1, 0.9);
    assert.deepEqual(await counted(), [[0.2, 1]]);
    await sleep(2);
    await history.setLabel(late, { label: 0 }); // a correction says the outcome, not when it was known
    assert.deepEqual(await counted(), [[0.2, 0]]);
    await history.setLabel(late, { label: null });
    assert.deepEqual(await counted(), [[0.2, 1]]);

    // Drafts without a number are one trial if they read the same; the title does not matter.
    const draft = await predict(history, "Adults", 0.4);
    await history.add(
      kept({ title: "again", eligibilityCriteria: "Adults" }, { probability: 0.45 }),
    );
    const other = await predict(history, "Adults and children", 0.7);
    await history.setLabel(draft, { label: 0 });
    await history.setLabel(other, { label: 1 });
    assert.deepEqual(await counted(), [
      [0.2, 1],
      [0.45, 0],
      [0.7, 1],
    ]);
    await history.close();
  },
);

onBoth("models stand apart, and so do trials that a model was made with", async ({ newUrl }) => {
  const history = await openHistory(await newUrl());
  const model = { name: "newer", sha256: "b".repeat(64) };
  const made: [trial: number, probability: number, more: Used][] = [
    [1, 0.9, { usedIn: ["training"] }],
    [2, 0.8, { usedIn: [] }],
    [3, 0.7, { usedIn: null }],
    [1, 0.6, { model, usedIn: ["pre-training"] }],
  ];
  for (const [trial, probability, more] of made)
    await history.setLabel(await predict(history, trial, probability, more), { label: 1 });
  const { models } = await history.performance();
  assert.deepEqual(
    models.map(({ model: { name }, unseen, unsaid, seen }) => [
      name,
      unseen?.n,
      unsaid,
      seen?.bins[0]?.predicted,
    ]),
    [
      ["newer", undefined, 0, 0.6],
      ["small", 2, 1, 0.9],
    ],
  );
  assert.deepEqual((await history.performance({ model: model.sha256 })).models, [models[0]]);
  assert.deepEqual((await history.performance({ model: "none" })).models, []);
  await history.close();
});
