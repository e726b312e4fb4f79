import assert from "node:assert/strict";
import { test } from "node:test";
import { RANKERS, type RankedTrial } from "./index.js";
import { rankContext, rankedTrial, successfulTrial } from "./test-support.js";

async function scoresOf(
  name: string,
  trials: readonly RankedTrial[],
  context = rankContext(),
): Promise<number[]> {
  const ranker = RANKERS.find((one) => one.name === name)!;
  return [...(await ranker.rank(trials, context)).scores];
}
const trial = rankedTrial;

test("all-positive says 1 of every trial", async () => {
  assert.deepEqual(await scoresOf("all-positive", [trial(), trial()]), [1, 1]);
});

test("random numbers are a function of seed and trial, not of the order", async () => {
  const trials = ["NCT1", "NCT2", "NCT3"].map((nctId) => trial({ nctId }));
  const first = await scoresOf("random", trials);
  assert.equal(new Set(first).size, 3);
  assert.deepEqual((await scoresOf("random", trials.toReversed())).reverse(), first);
  assert.notDeepEqual(await scoresOf("random", trials, rankContext({ seed: 2 })), first);
});

test("fewer words rank higher", async () => {
  const trials = ["- Adults\n- No asthma", "- Adults", "- Adults of 18 years\n- No asthma"].map(
    (text) => trial({ text }),
  );
  assert.deepEqual(await scoresOf("criteria-length", trials), [-3, -1, -6]);
});

test("the drug base rate counts each trial with a shared molecule once", async () => {
  const training = {
    trials: [["A", "B"], ["A"], ["B"], ["C"], []].map((molecules) => trial({ molecules })),
    labels: [1, 1, 0, 0, 1],
  };
  const overall = (3 + 1) / (5 + 2);
  const trials = [["A"], ["A", "B"], ["C"], ["D"], []].map((molecules) => trial({ molecules }));
  assert.deepEqual(await scoresOf("drug-base-rate", trials, rankContext({ training })), [
    (2 + 2 * overall) / (2 + 2),
    (2 + 2 * overall) / (3 + 2),
    (0 + 2 * overall) / (1 + 2),
    overall,
    overall,
  ]);
});

test("the disease base rate backs off from code to category, block and chapter", async () => {
  const way = (...tokens: string[]) =>
    tokens.map((token, i) => `${["chapter", "block", "category", "code"][i]}:${token}`);
  const lung = way("C00-D49", "C30-C39", "C34", "C34.90");
  const larynx = way("C00-D49", "C30-C39", "C32", "C32.9");
  const breast = way("C00-D49", "C50", "C50");
  const asthma = way("J00-J99", "J40-J4A", "J45");
  const training = {
    trials: [lung, larynx, breast, asthma, [...asthma, ...breast]].map((diseases) =>
      trial({ diseases }),
    ),
    labels: [1, 0, 0, 1, 1],
  };
  const smoothed = (successes: number, count: number, prior: number) =>
    (successes + 2 * prior) / (count + 2);
  const overall = (3 + 1) / (5 + 2);
  const cancer = smoothed(2, 4, overall);
  const block = smoothed(1, 2, cancer);
  const category = smoothed(1, 1, block);
  const trials = [
    lung,
    way("C00-D49", "C30-C39", "C34", "C34.10"),
    way("C00-D49", "C30-C39", "C38"),
    way("C00-D49", "C15-C26", "C18"),
    way("E00-E89", "E08-E13", "E11"),
    [],
  ].map((diseases) => trial({ diseases }));
  assert.deepEqual(await scoresOf("disease-base-rate", trials, rankContext({ training })), [
    smoothed(1, 1, category),
    category,
    block,
    cancer,
    overall,
    overall,
  ]);
});

test("base rates are refused where labels are not allowed", async () => {
  for (const { name, needs } of RANKERS) {
    assert.equal(needs === "labels", name.endsWith("-base-rate"));
    if (needs === "labels") await assert.rejects(scoresOf(name, [trial()]), { name: "InputError" });
  }
});

test("trials like successful ones rank higher, whatever all have in common", async () => {
  // Far from the origin all cosines would be near 1; the third column says nothing.
  const shifted = (x: number, y: number) => [1000 + x, 1000 + 10 * y, 7];
  const successful = Array.from({ length: 40 }, (_, i) => {
    const angle = (Math.PI * i) / 40; // half a circle
    return successfulTrial({ nctId: `NCT${i}`, states: shifted(Math.cos(angle), Math.sin(angle)) });
  });
  const trials = [shifted(0, 1), shifted(0, -1)].map((states) => trial({ nctId: "NCTx", states }));
  const context = rankContext({ successful });
  const [alike, unlike] = await scoresOf("nearest-successful", trials, context);

  // By hand: standardised columns, then the mean of the ten largest cosines.
  const columns = [0, 1].map((column) => successful.map(({ states }) => states[column]!));
  const mean = columns.map((values) => values.reduce((sum, v) => sum + v, 0) / 40);
  const deviation = columns.map((values, c) =>
    Math.sqrt(values.reduce((sum, v) => sum + (v - mean[c]!) ** 2, 0) / 40),
  );
  const unit = (states: ArrayLike<number>) => {
    const [x, y] = [0, 1].map((c) => (states[c]! - mean[c]!) / deviation[c]!) as [number, number];
    return [x / Math.hypot(x, y), y / Math.hypot(x, y)] as const;
  };
  const expected = trials.map(({ states }) => {
    const [x, y] = unit(states);
    const cosines = successful.map((other) => {
      const [u, v] = unit(other.states);
      return x * u + y * v;
    });
    return (
      cosines
        .sort((a, b) => b - a)
        .slice(0, 10)
        .reduce((sum, v) => sum + v, 0) / 10
    );
  });
  assert.ok(Math.abs(alike! - expected[0]!) < 1e-6 && Math.abs(unlike! - expected[1]!) < 1e-6);
  assert.ok(alike! > unlike! + 0.1, `${alike} and ${unlike}`);

  // Beside known successes the others count nothing; where none is known, all count.
  const asOther = (states: ArrayLike<number>, i: number) =>
    successfulTrial({ nctId: `NCT-${i}`, states: Array.from(states) }, false);
  const others = successful.map(({ states: [x, y, z] }, i) => asOther([x!, 2000 - y!, z!], i));
  const both = rankContext({ successful: [...others, ...successful] });
  assert.deepEqual(await scoresOf("nearest-successful", trials, both), [alike, unlike]);
  const unknown = successful.map(({ states }, i) => asOther(states, i));
  assert.deepEqual(
    await scoresOf("nearest-successful", trials, rankContext({ successful: unknown })),
    [alike, unlike],
  );
});

test("words of known successes rank higher than those of others", async () => {
  const successful = Array.from({ length: 20 }, (_, i) =>
    i % 2 === 0
      ? successfulTrial({ nctId: `NCT${i}`, text: "- healthy volunteers" })
      : successfulTrial({ nctId: `NCT${i}`, text: "- severe disease" }, false),
  );
  const trials = ["- healthy", "- adults", "- healthy volunteers", "- severe"].map((text) =>
    trial({ nctId: "NCTx", text }),
  );
  const context = rankContext({ successful });
  const [word, neither, both, other] = await scoresOf("known-success-tf-idf", trials, context);
  assert.ok(both! > neither! && word! > neither! && neither! > other!);
  assert.ok(Math.abs(neither! - 0.5) < 1e-6, "half are known, and no word says anything");
  // Both kinds have as many trials and terms, so what one gains the other loses.
  const [pair] = await scoresOf(
    "known-success-tf-idf",
    [trial({ nctId: "NCTx", text: "severe disease" })],
    context,
  );
  assert.ok(Math.abs(both! + pair! - 1) < 1e-6);
  for (const known of [true, false])
    await assert.rejects(
      scoresOf(
        "known-success-tf-idf",
        trials,
        rankContext({ successful: successful.map((one) => ({ ...one, known })) }),
      ),
      { name: "InputError", problem: /cannot be told from the registry's other trials/ },
    );
});

test("a trial that counts as successful is not ranked, and without successful trials none is", async () => {
  const context = rankContext({ successful: [successfulTrial()] });
  const names = RANKERS.flatMap(({ name, needs }) => (needs === "sct" ? [name] : []));
  assert.deepEqual(names, ["nearest-successful", "known-success-tf-idf"]);
  for (const name of names) {
    await assert.rejects(
      scoresOf(name, [trial()], context),
      /NCT1 is to be ranked and counts as successful/,
    );
    await assert.rejects(scoresOf(name, [trial()]), /no successful trials/);
  }
});
