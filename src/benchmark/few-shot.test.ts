import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../base/random.js";
import { cpu } from "../graph/index.js";
import { createGrouper, createMatcher } from "../model/index.js";
import { DEPTH, madeUpTrial, TABLE, TINY } from "../model/test-support.js";
import { fewShotHead, fewShotLora, type MatchedRow } from "./few-shot.js";

const WIDTH = 4;
const random = new Random("few shots");
/** Trials with a score and, in the first number of the criteria's side, a sign. */
const rowOf = (label: number, score: number, sign: number): MatchedRow => ({
  features: madeUpTrial(0).features,
  grouped: [],
  label,
  match: {
    score,
    criteria: Float32Array.of(sign, ...random.normals(WIDTH - 1, 0.1)),
    molecules: random.normals(WIDTH, 0.1),
    success: Float32Array.of(score, 0),
  },
});
const pool = Array.from({ length: 30 }, (_, i) => rowOf(0, 3 + random.normal(), (-1) ** i).match);
const scored = Array.from({ length: 12 }, (_, i) => rowOf(0, 3 + random.normal(), (-1) ** i));
/** Rows in the order of their probabilities. */
const orderOf = (values: ArrayLike<number>) =>
  Array.from(values, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
const scores = scored.map(({ match }) => match.score);

test("labels that tell nothing leave the zero-shot order", () => {
  const same = rowOf(1, 3, 1);
  const training = [same, { ...same, label: 0 }];
  const said = fewShotHead({ training, scored, pool, pretrained: true });
  assert.deepEqual(orderOf(said), orderOf(scores));

  // One standard deviation of the score is one logit.
  const mean = pool.reduce((sum, { score }) => sum + score, 0) / pool.length;
  const variance = pool.reduce((sum, { score }) => sum + (score - mean) ** 2, 0) / pool.length;
  const logit = (p: number) => Math.log(p / (1 - p));
  const [a, b] = [0, 1].map((i) => logit(said[i]!) * Math.sqrt(variance)) as [number, number];
  assert.ok(Math.abs(a - b - (scores[0]! - scores[1]!)) < 1e-6, `${a - b}`);
  // The two trials themselves are as likely one as the other.
  const [own] = fewShotHead({ training, scored: [same], pool, pretrained: true });
  assert.ok(Math.abs(own! - 0.5) < 1e-6, `${own}`);
});

test("without pre-training the head starts from nothing, whatever the scores", () => {
  const same = rowOf(1, 3, 1);
  const training = [same, { ...same, label: 0 }];
  const said = fewShotHead({ training, scored, pool, pretrained: false });
  for (const probability of said) assert.ok(Math.abs(probability - 0.5) < 1e-9, `${probability}`);
});

test("the head learns from labels what the score does not say", () => {
  const training = [1, 0, 1, 0, 1, 0, 1, 0].map((label) => rowOf(label, 3, label === 1 ? 1 : -1));
  for (const pretrained of [false, true]) {
    const said = fewShotHead({ training, scored, pool, pretrained });
    const meanOf = (sign: number) => {
      const own = [...said].filter((_, i) => (-1) ** i === sign);
      return own.reduce((sum, p) => sum + p, 0) / own.length;
    };
    assert.ok(meanOf(1) > meanOf(-1) + 0.02, `${meanOf(1)} and ${meanOf(-1)}`);
  }
});

test("it learns less where the score says the same already", () => {
  const training = [1, 0, 1, 0].map((label) => rowOf(label, 3, label === 1 ? 1 : -1));
  // The scores of the training trials agree with their labels, by two standard deviations.
  const told = training.map((row) => ({
    ...row,
    match: { ...row.match, score: 3 + 2 * (2 * row.label - 1) },
  }));
  const [up, down] = [rowOf(0, 3, 1), rowOf(0, 3, -1)] as const;
  const gap = (rows: readonly MatchedRow[]) => {
    const [a, b] = fewShotHead({ training: rows, scored: [up, down], pool, pretrained: true });
    return a! - b!;
  };
  assert.ok(gap(told) > 0 && gap(told) < 0.6 * gap(training), `${gap(told)} of ${gap(training)}`);
});

test("LoRA learns from two trials, from the zero-shot score on", async () => {
  const trials = Array.from({ length: 12 }, (_, i) => madeUpTrial(i));
  const settings = { seed: 1, processor: cpu(1), batch: 4 };
  const grouper = await createGrouper(TINY, new Map(), { ...settings, depth: DEPTH });
  const grouped = await grouper.group(trials.map(({ states }) => states));
  await grouper.release();
  const plain = trials.map(({ features }, i) => ({ features, grouped: grouped[i]!, label: i % 2 }));
  const matcher = await createMatcher(TINY, TABLE, new Map(), settings);
  const matches = await matcher.match(plain);
  await matcher.release();
  const rows = plain.map((row, i) => ({ ...row, match: matches[i]! }));
  let steps = 0;
  const fit = (epochs: number, headLearningRate: number, pretrained: boolean) =>
    fewShotLora({
      ...settings,
      config: {
        ...TINY,
        shallow: false,
        finetuning: { ...TINY.finetuning, epochs, batch: 4, headLearningRate, patience: 1 },
      },
      table: TABLE,
      base: new Map(),
      training: rows.slice(0, 2),
      scored: rows,
      pool: matches,
      pretrained,
      watcher: {
        report: ({ stage }) => {
          assert.equal(stage, "Fine-tuning, few shots");
          steps++;
        },
        say() {},
        stopping: () => false,
      },
    });
  // A rate of next to nothing: what it starts from.
  const start = await fit(1, 1e-12, true);
  const order = orderOf(matches.map(({ score }) => score));
  assert.deepEqual(orderOf(start), order);
  const blank = await fit(1, 1e-12, false);
  for (const probability of blank) assert.ok(Math.abs(probability - 0.5) < 1e-6);
  steps = 0;
  const learned = await fit(8, 1e-2, true);
  assert.equal(steps, 8, "to the last step");
  const lossOf = ([failure, success]: Float64Array) => -Math.log((1 - failure!) * success!);
  assert.ok(lossOf(learned) < 0.8 * lossOf(start), `${lossOf(learned)} after ${lossOf(start)}`);
  assert.deepEqual(await fit(8, 1e-2, true), learned);
});
