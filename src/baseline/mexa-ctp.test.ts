import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../base/random.js";
import { Interrupted } from "../base/watcher.js";
import { rocAuc } from "../evaluation/index.js";
import { ADAMW, compile, cpu, floats, nextName, stepFeeds } from "../graph/index.js";
import { diseaseTable } from "../model/index.js";
import { madeUpTrial, worst } from "../model/test-support.js";
import { initialState } from "../training/loop.js";
import { type BaselineTrial, SEGMENTS } from "./baseline.js";
import { modeFeeds } from "./mexa-ctp/inputs.js";
import { mexaCtp, mexaNetwork } from "./mexa-ctp.js";
import { stepGraph } from "./network.js";

const DEPTH = 8;
const options = {
  seed: 1,
  processor: cpu(1),
  watcher: { report() {}, say() {}, stopping: () => false },
};

/** A trial with the drug of one kind and the diseases of another; its criteria say nothing. */
function madeUp(drug: number, disease: number, key: number): BaselineTrial {
  const random = new Random("criteria", drug, disease, key);
  const segments = Array.from({ length: 1 + random.integer(4) }, () => random.normals(DEPTH, 1));
  const { diseases } = madeUpTrial(disease).features;
  const { features } = madeUpTrial(drug);
  // Attention to a single molecule would have nothing to learn.
  const vectors = [...features.vectors, ...madeUpTrial(22).features.vectors];
  return {
    features: { ...features, vectors, diseases },
    states: new Float32Array(),
    segments,
  };
}

/** Trials that succeed where drug and disease are of one kind: neither alone tells anything. */
function interactions(count: number, key: number) {
  const random = new Random("interactions", key);
  const kinds = Array.from(
    { length: count },
    () => [random.integer(2), random.integer(2)] as const,
  );
  return {
    trials: kinds.map(([drug, disease], i) => madeUp(drug, disease, key * count + i)),
    labels: kinds.map(([drug, disease]) => +(drug === disease)),
  };
}

const few = { trials: [madeUp(0, 0, 1), madeUp(1, 2, 2)], labels: [1, 0] };

test("it learns what two modes tell together and neither alone", async () => {
  const score = await mexaCtp.fit(interactions(128, 1), interactions(64, 2), options);
  const { trials, labels } = interactions(128, 3);
  const area = rocAuc(labels, await score(trials));
  assert.ok(area > 0.9, `ROC-AUC ${area}`);
});

test("one step moves every parameter, in all modes, routers and experts", async () => {
  const trials = [0, 1, 2, 3].map((kind) => madeUp(kind, kind + 1, kind));
  const table = diseaseTable(trials.map(({ features }) => features));
  const batch = trials.length;
  const { graph, parameters } = stepGraph(mexaNetwork({ batch, depth: DEPTH, table }));
  const initial = parameters.initial(1);
  const session = await compile(graph, cpu(1));
  const rate = 1e-3;
  const results = await session.run({
    ...Object.fromEntries([...initialState(initial)].map(([name, { data }]) => [name, data])),
    ...modeFeeds(table, trials, batch, DEPTH),
    labels: Float32Array.of(1, 0, 0, 1),
    weights: new Float32Array(batch).fill(1),
    ...stepFeeds(1, rate, ADAMW),
  });
  await session.release();
  // AdamW's first step moves what has a gradient by the learning rate; weight decay alone by far less.
  // The keys' bias has none: it adds the same to all scores of a query.
  const unmoved = [...initial].filter(
    ([name, { data }]) => worst(floats(results[nextName(name)]), data) < rate / 2,
  );
  assert.ok(initial.size > 300, `${initial.size} parameters`);
  assert.deepEqual(
    unmoved.map(([name]) => name).filter((name) => !name.endsWith(".key.bias")),
    [],
  );
});

test("one trial of either outcome, without validation, is enough; the seed decides everything", async () => {
  const fit = (seed: number) => mexaCtp.fit(few, undefined, { ...options, seed });
  const score = await fit(1);
  const strangers = [madeUp(5, 7, 3), madeUp(6, 9, 4), madeUp(7, 11, 5)];
  const scores = await score([...few.trials, ...strangers]);
  assert.ok(scores.every((p) => p > 0 && p < 1) && scores[0]! > scores[1]!, `${scores}`);
  assert.ok(mexaCtp.areProbabilities);
  assert.deepEqual(await (await fit(1))([...few.trials, ...strangers]), scores);
  assert.ok(worst(await (await fit(2))([...few.trials, ...strangers]), scores) > 1e-4);

  // Drugs and diseases may be missing or unknown, and the other trials of a batch change nothing.
  const bare = madeUp(0, 0, 3);
  const trials: BaselineTrial[] = [
    { ...bare, features: { ...bare.features, vectors: [], diseases: [] } },
    { ...bare, features: { ...bare.features, diseases: ["chapter none has seen"] } },
    { ...bare, segments: Array.from({ length: SEGMENTS }, () => bare.segments[0]!) },
    bare,
  ];
  const together = await score(trials);
  assert.ok(together.every(Number.isFinite));
  for (const [i, trial] of trials.entries())
    assert.ok(worst(await score([trial]), [together[i]!]) < 1e-6);
});

test("one outcome alone is refused; a user who asks to stop is heard", async () => {
  const { trials } = few;
  await assert.rejects(mexaCtp.fit({ trials, labels: [1, 1] }, undefined, options), {
    name: "InputError",
    problem: "all 2 labels are 1",
  });
  const watcher = { ...options.watcher, stopping: () => true };
  await assert.rejects(mexaCtp.fit(few, undefined, { ...options, watcher }), Interrupted);
});
