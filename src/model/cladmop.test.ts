import assert from "node:assert/strict";
import { test } from "node:test";
import { toFloat16 } from "../base/float16.js";
import { Random } from "../base/random.js";
import {
  ADAMW,
  adamW,
  add,
  binaryCrossEntropy,
  compile,
  cpu,
  type Feed,
  floats,
  Graph,
  gradients,
  momentNames,
  nextName,
  type Session,
  scale,
  sizeOf,
  stepFeeds,
  type Tensor,
} from "../graph/index.js";
import { evaluate } from "../graph/reference.js";
import { branch } from "./branch.js";
import {
  criteriaSide,
  groupLevels,
  matchingLoss,
  matchingPair,
  moleculeSide,
  rankingLoss,
  successScores,
} from "./cladmop.js";
import type { Adaptation } from "./config.js";
import { MOLECULE_WIDTH, MOLECULES, tableSizes } from "./features.js";
import { createGrouper } from "./grouper.js";
import { languageFeeds, languageInputs, partsOf } from "./language.js";
import { compileRooms, moleculeFeeds, moleculeInputs, roomsOf } from "./molecule-inputs.js";
import { Parameters } from "./parameters.js";
import { buildPrediction, HEAD_INPUTS, isFineTuned, rowFeeds } from "./prediction.js";
import {
  DEPTH,
  drawn,
  madeUpBatch,
  type madeUpTrial,
  runner,
  TABLE,
  TINY,
  worst,
} from "./test-support.js";
import { PADDING } from "./tokens.js";

type MadeUp = ReturnType<typeof madeUpTrial>;

/** The graph of pair matching, as pre-training builds it; `loss` is that of matching alone. */
function pairMatching(batch: number, ranking = 0) {
  const graph = new Graph();
  const parameters = new Parameters(graph);
  const shape = { levels: TINY.levels.length, batch, tokens: TINY.tokens, depth: DEPTH };
  const { states, mask } = languageInputs(graph, shape);
  const criteria = criteriaSide(parameters, TINY, groupLevels(parameters, TINY, states, mask));
  const inputs = moleculeInputs(graph, batch, roomsOf(batch)[0]!);
  const molecules = moleculeSide(parameters, TINY, tableSizes(TABLE), inputs);
  const pair = matchingPair(parameters, TINY, criteria, molecules);
  const loss = matchingLoss(parameters, TINY, pair, graph.input("repeats", [batch, batch]));
  if (ranking === 0) return { graph, parameters, pair, loss, learned: loss };
  const scores = successScores(parameters, TINY, [criteria, molecules]);
  const [rivals, counts] = [graph.input("rivals", [batch, batch]), graph.input("counts", [batch])];
  const learned = add(loss, scale(rankingLoss(scores, rivals, counts), ranking));
  return { graph, parameters, pair, loss, learned, scores };
}

const criteriaFeeds = (trials: readonly MadeUp[]) =>
  languageFeeds(
    trials.map(({ states }) => states),
    trials.length,
    TINY.tokens,
  );
const drugFeeds = (trials: readonly MadeUp[], batch = trials.length) =>
  moleculeFeeds(
    TABLE,
    trials.map(({ features }) => features),
    batch,
  );
const noRepeats = (batch: number) => ({ repeats: new Float32Array(batch * batch) });
/** The feeds of the ranking of success, by which trials are known to be successful. */
const rankingFeeds = (known: readonly boolean[]) => ({
  rivals: Float32Array.from(
    known.flatMap((one, row) =>
      known.map((other, column) => (row === column || (one && !other) ? 0 : PADDING)),
    ),
  ),
  counts: Float32Array.from(known, Number),
});

test("before they are compared, criteria see no drug or disease, and these no criteria", async () => {
  const { graph, parameters, pair } = pairMatching(4);
  const run = await runner(graph, { criteriaSide: pair[0], moleculeSide: pair[1] });
  const values = { ...drawn(parameters), ...noRepeats(4) };
  const [some, others] = [madeUpBatch(4, "some"), madeUpBatch(4, "others")];
  const first = await run({ ...values, ...criteriaFeeds(some), ...drugFeeds(some) });
  const otherCriteria = await run({ ...values, ...criteriaFeeds(others), ...drugFeeds(some) });
  const otherDrugs = await run({ ...values, ...criteriaFeeds(some), ...drugFeeds(others) });
  assert.deepEqual(otherCriteria.moleculeSide, first.moleculeSide);
  assert.deepEqual(otherDrugs.criteriaSide, first.criteriaSide);
  assert.ok(worst(otherCriteria.criteriaSide, first.criteriaSide) > 0.01);
  assert.ok(worst(otherDrugs.moleculeSide, first.moleculeSide) > 0.01);
});

/**
 * Trains pair matching on trials that are new in every step, and measures it on trials it has not
 * seen: the share whose own pair matched best in its batch, the loss, and, with ranking, in how many
 * pairs of a known success and another trial either side's score is higher for the success.
 */
async function learnToMatch(
  criteriaOf: (batch: readonly MadeUp[]) => readonly MadeUp[],
  ranking = 0,
) {
  const [batch, steps, tests] = [16, 60, 8] as const;
  const step = pairMatching(batch, ranking);
  step.graph.output("loss", step.learned);
  const trainables = [...step.parameters.tensors.values()].map((tensor) => ({ tensor }));
  adamW(step.graph, step.learned, trainables, ADAMW);
  const session = await compile(step.graph, cpu(1));
  const isKnown = ({ known }: MadeUp) => known;
  const feedsOf = (trials: readonly MadeUp[]) => ({
    ...criteriaFeeds(criteriaOf(trials)),
    ...drugFeeds(trials),
    ...noRepeats(batch),
    ...(ranking > 0 && rankingFeeds(trials.map(isKnown))),
  });
  let state = startOf(step.parameters.initial(1));
  for (let i = 1; i <= steps; i++) {
    const feeds = { ...feedsOf(madeUpBatch(batch, "train", i)), ...stepFeeds(i, 5e-3, ADAMW) };
    state = await nextState(session, state, feeds);
  }
  const trained = pairMatching(batch, ranking);
  const [criteriaSide, moleculeSide] = trained.pair;
  const outputs = { criteriaSide, moleculeSide, loss: trained.loss };
  const run = await runner(trained.graph, outputs);
  const names = [...trained.parameters.tensors.keys()];
  const values = Object.fromEntries(names.map((name) => [name, state[name]!]));
  const [byCriteria, byMolecules] = trained.scores ?? [];
  const rank =
    byCriteria && byMolecules && (await runner(trained.graph, { byCriteria, byMolecules }));
  const right = { byCriteria: 0, byMolecules: 0 };
  let pairs = 0;
  let hits = 0;
  let loss = 0;
  for (let i = 0; i < tests; i++) {
    const trials = madeUpBatch(batch, "test", i);
    const feeds = { ...values, ...feedsOf(trials) };
    const output = await run(feeds);
    const scores = await rank?.(feeds);
    for (const [a, { known }] of trials.entries())
      for (const [b, other] of trials.entries()) {
        if (!known || other.known) continue;
        pairs++;
        for (const side of ["byCriteria", "byMolecules"] as const)
          if (scores && scores[side][a]! > scores[side][b]!) right[side]++;
      }
    const score = (row: number, column: number) =>
      output.criteriaSide
        .subarray(row * TINY.width, (row + 1) * TINY.width)
        .reduce((sum, value, j) => sum + value * output.moleculeSide[column * TINY.width + j]!, 0);
    for (let row = 0; row < batch; row++) {
      const scores = Array.from({ length: batch }, (_, column) => score(row, column));
      hits += +(scores.indexOf(Math.max(...scores)) === row);
    }
    loss += output.loss[0]! / tests;
  }
  const ranked = { criteria: right.byCriteria / pairs, molecules: right.byMolecules / pairs };
  return { accuracy: hits / (tests * batch), loss, chance: 1 / batch, ranked };
}

type State = Record<string, Feed>;

/** Parameters with zero moments. */
const startOf = (parameters: ReadonlyMap<string, { data: Float32Array }>): State =>
  Object.fromEntries(
    [...parameters].flatMap(([name, { data }]) => [
      [name, data],
      ...momentNames(name).map((moment) => [moment, new Float32Array(data.length)] as const),
    ]),
  );

async function nextState(session: Session, state: State, feeds: State): Promise<State> {
  const results = await session.run({ ...state, ...feeds });
  return Object.fromEntries(Object.keys(state).map((name) => [name, results[nextName(name)]!]));
}

test("pair matching learns what belongs together, and nothing where criteria are shuffled", async () => {
  const told = await learnToMatch((batch) => batch);
  assert.ok(told.accuracy > 0.7, JSON.stringify(told));
  // The criteria of the trial before: they say nothing of this one, so only a leak could match them.
  const shuffled = await learnToMatch((batch) => [batch.at(-1)!, ...batch.slice(0, -1)]);
  assert.ok(shuffled.accuracy < 3 * shuffled.chance, JSON.stringify(shuffled));
  assert.ok(shuffled.loss > 0.98 * Math.log(1 / shuffled.chance), JSON.stringify(shuffled));
});

test("ranking of success is learned from the criteria that tell it, beside matching", async () => {
  // The made-up criteria say which trials are successful; their drugs and diseases do not.
  const told = await learnToMatch((batch) => batch, 0.5);
  assert.ok(told.ranked.criteria > 0.9, JSON.stringify(told));
  assert.ok(Math.abs(told.ranked.molecules - 0.5) < 0.15, JSON.stringify(told));
  assert.ok(told.accuracy > 0.6, JSON.stringify(told));
  // The shortcut is closed with ranking as without.
  const shuffled = await learnToMatch((batch) => [batch.at(-1)!, ...batch.slice(0, -1)], 0.5);
  assert.ok(shuffled.accuracy < 3 * shuffled.chance, JSON.stringify(shuffled));
  assert.ok(shuffled.loss > 0.98 * Math.log(1 / shuffled.chance), JSON.stringify(shuffled));
});

/** What adds the same to all scores of a query does not move a softmax: its gradient is zero. */
const hasGradient = (name: string) => !name.endsWith(".key.bias");

for (const ranking of [0, 0.5])
  test(`a pre-training step changes every parameter (weight of ranking ${ranking})`, async () => {
    const { graph, parameters, learned } = pairMatching(4, ranking);
    graph.output("loss", learned);
    // Without decay, which would change a matrix that no gradient reaches.
    const options = { ...ADAMW, weightDecay: 0 };
    const trainables = [...parameters.tensors.values()].map((tensor) => ({ tensor }));
    adamW(graph, learned, trainables, options);
    const session = await compile(graph, cpu(1));
    const trials = madeUpBatch(4);
    const initial = parameters.initial(1);
    const feeds = {
      ...criteriaFeeds(trials),
      ...drugFeeds(trials),
      ...noRepeats(4),
      ...(ranking > 0 && rankingFeeds([true, false, true, false])),
    };
    const state = await nextState(session, startOf(initial), {
      ...feeds,
      ...stepFeeds(1, 1e-3, options),
    });
    const unchanged = [...initial].filter(
      ([name, { data }]) => hasGradient(name) && worst(valuesOf(state[name]!), data) < 1e-4,
    );
    assert.deepEqual(
      unchanged.map(([name]) => name),
      [],
    );
  });

const valuesOf = (feed: Feed): Float32Array =>
  ArrayBuffer.isView(feed) ? (feed as Float32Array) : floats(feed);

test("the matching loss is symmetric InfoNCE of exp(τ) f_C f_DMᵀ; repeats do not count as wrong", async () => {
  const [batch, width] = [3, 2] as const;
  const graph = new Graph();
  const parameters = new Parameters(graph);
  const sides = ["criteria", "molecules"].map((name) => graph.input(name, [batch, width]));
  const repeats = graph.input("repeats", [batch, batch]);
  const loss = matchingLoss(parameters, TINY, [sides[0]!, sides[1]!], repeats);
  const run = await runner(graph, { loss });
  const criteria = [0.6, 0.8, 1, 0, -0.8, 0.6];
  const molecules = [0, 1, 0.8, -0.6, -1, 0];
  const tau = 0.6;
  const logit = (row: number, column: number) =>
    Math.exp(tau) *
    (criteria[2 * row]! * molecules[2 * column]! +
      criteria[2 * row + 1]! * molecules[2 * column + 1]!);
  for (const same of [[], [[0, 1] as const]]) {
    const counts = (row: number, column: number) =>
      !same.some(([a, b]) => (row === a && column === b) || (row === b && column === a));
    let expected = 0;
    for (let i = 0; i < batch; i++) {
      const others = [0, 1, 2].filter((j) => counts(i, j));
      const row = others.reduce((sum, j) => sum + Math.exp(logit(i, j)), 0);
      const column = others.reduce((sum, j) => sum + Math.exp(logit(j, i)), 0);
      expected += (Math.log(row) + Math.log(column) - 2 * logit(i, i)) / (2 * batch);
    }
    const output = await run({
      "match.logitScale": Float32Array.of(tau),
      criteria: Float32Array.from(criteria),
      molecules: Float32Array.from(molecules),
      repeats: Float32Array.from({ length: 9 }, (_, i) =>
        counts(Math.floor(i / 3), i % 3) ? 0 : PADDING,
      ),
    });
    assert.ok(Math.abs(output.loss[0]! - expected) < 1e-6, `${output.loss[0]} for ${expected}`);
  }
});

/** The ranking loss of known and other trials by the scores of both sides, written from its definition. */
function rankingByHand(scores: readonly (readonly number[])[], known: readonly boolean[]): number {
  const rows = known.flatMap((one, row) => (one ? [row] : []));
  const losses = scores.flatMap((side) =>
    rows.map((row) => {
      const others = side.filter((_, column) => !known[column]);
      const all = [side[row]!, ...others].reduce((sum, score) => sum + Math.exp(score), 0);
      return Math.log(all) - side[row]!;
    }),
  );
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

test("the ranking loss is the cross-entropy of each known success among the other trials", () => {
  const graph = new Graph();
  const sides = ["criteria", "molecules"].map((name) => graph.input(name, [4]));
  const [criteria, molecules] = sides as [Tensor, Tensor];
  const [rivals, counts] = [graph.input("rivals", [4, 4]), graph.input("counts", [4])];
  const loss = rankingLoss([criteria, molecules], rivals, counts);
  graph.output("loss", loss);
  for (const [i, gradient] of gradients(loss, sides).entries())
    graph.output(`gradient${i}`, gradient);
  const scores = [
    [0.5, -1, 2, 0.25],
    [-0.5, 1.5, 0, 3],
  ];
  for (const known of [
    [true, false, true, false],
    [false, false, false, true],
    [true, true, true, true],
  ]) {
    const at = ([criteria, molecules]: number[][]) =>
      evaluate(graph, { criteria: criteria!, molecules: molecules!, ...rankingFeeds(known) });
    const output = at(scores);
    const expected = rankingByHand(scores, known);
    assert.ok(Math.abs(output.loss!.data[0]! - expected) < 1e-12, `${known}`);
    for (const side of [0, 1])
      for (let i = 0; i < 4; i++) {
        const moved = (by: number) =>
          rankingByHand(
            scores.map((all, j) =>
              all.map((score, k) => (j === side && k === i ? score + by : score)),
            ),
            known,
          );
        const difference = (moved(1e-4) - moved(-1e-4)) / 2e-4;
        const gradient = output[`gradient${side}`]!.data[i]!;
        assert.ok(Math.abs(gradient - difference) < 1e-7, `${known}, ${side}, ${i}`);
      }
  }
});

test("scores of success are exp(τ) tanh(w x + b) of each side", async () => {
  const graph = new Graph();
  const parameters = new Parameters(graph);
  const sides = ["c", "m"].map((name) => graph.input(name, [2, 2])) as [Tensor, Tensor];
  const [criteria, molecules] = successScores(parameters, TINY, sides);
  const run = await runner(graph, { criteria, molecules });
  const output = await run({
    c: Float32Array.of(1, 2, -3, 0.5),
    m: Float32Array.of(0, 1, 90, 90),
    "match.logitScale": Float32Array.of(0.6),
    "match.success.criteria.weight": Float32Array.of(0.5, -0.25),
    "match.success.criteria.bias": Float32Array.of(0.1),
    "match.success.molecules.weight": Float32Array.of(1, 1),
    "match.success.molecules.bias": Float32Array.of(-0.5),
  });
  const expected = (...x: number[]) => x.map((value) => Math.exp(0.6) * Math.tanh(value));
  assert.ok(worst(output.criteria, expected(0.1, -1.525)) < 1e-6);
  assert.ok(worst(output.molecules, expected(0.5, 179.5)) < 1e-6, "at most exp(τ)");
});

/** The graph of the prediction; one batch is predicted with parameters at random. */
async function predictor(batch: number) {
  const { session, parameters } = compileRooms(batch, cpu(1), (room) => {
    const graph = new Graph();
    const { parameters, logits } = buildPrediction(graph, TINY, TABLE, batch, room, false);
    graph.output("logits", logits);
    return { graph, parameters };
  });
  const values = drawn(parameters);
  const run = async (feeds: Readonly<Record<string, Feed>>) => {
    const results = await session.run(feeds);
    return { logits: floats(results.logits) };
  };
  const grouper = await createGrouper(TINY, new Map(), {
    depth: DEPTH,
    batch: 3,
    processor: cpu(1),
    seed: 1,
  });
  const rowsOf = async (trials: readonly MadeUp[]) => {
    const grouped = await grouper.group(trials.map(({ states }) => states));
    return trials.map(({ features }, i) => ({ features, grouped: grouped[i]! }));
  };
  const feedsOf = async (trials: readonly MadeUp[]) =>
    rowFeeds(TINY, TABLE, await rowsOf(trials), new Float32Array(trials.length).fill(0.5), batch);
  return { parameters, values, feedsOf, run };
}

test("padding and the other trials of a batch change nothing in a prediction", async () => {
  const { values, feedsOf, run } = await predictor(5);
  const trials = madeUpBatch(5, "batch");
  const together = (await run({ ...values, ...(await feedsOf(trials)) })).logits;
  assert.ok(together.every((logit, i) => i === 0 || Math.abs(logit - together[0]!) > 1e-3));
  for (const [i, trial] of trials.entries()) {
    const feeds = await feedsOf([trial]);
    const alone = (await run({ ...values, ...feeds })).logits[0]!;
    assert.ok(Math.abs(alone - together[i]!) < 1e-5, `${alone} alone, ${together[i]} together`);

    // Anything may stand where no molecule and no disease is.
    const molecules = Float32Array.from(feeds.molecules as Float32Array);
    molecules.fill(3, MOLECULE_WIDTH);
    const diseases = Int32Array.from(feeds.diseases as Int32Array);
    diseases.fill(5, trial.features.diseases.length);
    const garbage = (await run({ ...values, ...feeds, molecules, diseases })).logits[0];
    assert.equal(garbage, alone);
  }
});

test("a trial of many drugs takes the larger room, and nothing changes for the others", async () => {
  const { values, feedsOf, run } = await predictor(5);
  const trials = madeUpBatch(5, "batch");
  const { features } = trials[2]!;
  const vectors = Array.from({ length: MOLECULES }, () => features.vectors[0]!);
  const diseases = Array.from({ length: 20 }, (_, i) => features.diseases[i % 2]!);
  const large = trials.with(2, { ...trials[2]!, features: { ...features, vectors, diseases } });
  const [few, many] = [await feedsOf(trials), await feedsOf(large)];
  assert.ok(many.mask!.length > few.mask!.length);
  const before = (await run({ ...values, ...few })).logits;
  const after = (await run({ ...values, ...many })).logits;
  for (const i of trials.keys()) {
    const change = Math.abs(before[i]! - after[i]!);
    assert.ok(i === 2 ? change > 1e-3 : change < 1e-5, `${i}: ${change}`);
  }
});

test("grouped tokens of a long text are the means over its parts", async () => {
  const settings = { depth: DEPTH, batch: 2, processor: cpu(1), seed: 1 };
  const grouper = await createGrouper(TINY, new Map(), settings);
  const levels = TINY.levels.map(() => toFloat16(new Random("long text").normals(11 * DEPTH, 1)));
  const long = { tokens: 11, width: DEPTH, levels };
  const parts = partsOf(long, TINY.tokens);
  assert.equal(parts.length, 2);
  const [whole, first, second] = await grouper.group([long, ...parts]);
  whole!.forEach((level, i) => {
    const mean = first![i]!.map((value, j) => (value + second![i]![j]!) / 2);
    assert.ok(worst(level, mean) < 1e-6);
    assert.ok(worst(first![i]!, second![i]!) > 0.01);
  });
  await grouper.release();
});

test("every part of a trial moves its prediction", async () => {
  const { values, feedsOf, run } = await predictor(1);
  const [trial, other] = madeUpBatch(2, "parts") as [MadeUp, MadeUp];
  const feeds = await feedsOf([trial]);
  const { logits } = await run({ ...values, ...feeds });
  const replaced = await feedsOf([other]);
  replaced.phases = Int32Array.of(3);
  replaced.shallow = Float32Array.of(-0.5);
  for (const part of ["group0", "group1", "molecules", "diseases", "phases", "shallow"]) {
    const changed = await run({ ...values, ...feeds, [part]: replaced[part]! });
    assert.ok(worst(changed.logits, logits) > 1e-4, part);
  }
});

test("LoRA starts as the identity and then adds α / r · B A to the weights", async () => {
  const graph = new Graph();
  const parameters = new Parameters(graph);
  const rows = graph.input("rows", [6, TINY.width]);
  const order = (...values: number[]) => graph.constant(Int32Array.from(values), [6]);
  const packing = { tokens: order(0, 2, 3, 1, 4, 5), places: order(0, 3, 1, 2, 4, 5) };
  const tokens = { rows, places: { batch: 2, length: 3, packing } };
  const language = TINY.levels.map((_, i) => graph.input(`language${i}`, [2, 4, TINY.width]));
  const frozen = branch(parameters, TINY, tokens, undefined, language, false);
  const plain = new Set(parameters.tensors.keys());
  const adapted = branch(parameters, TINY, tokens, undefined, language, true);
  const run = await runner(graph, { frozen, adapted });
  const data = Object.fromEntries(
    [rows, ...language].map(({ name, shape }) => [
      name,
      new Random(name).normals(sizeOf(shape), 1),
    ]),
  );
  const initial = Object.fromEntries(
    [...parameters.initial(1)].map(([name, { data }]) => [name, data]),
  );
  const start = await run({ ...initial, ...data });
  assert.deepEqual(start.adapted, start.frozen);

  const values = drawn(parameters);
  const merged = { ...values };
  const layers = [...plain].filter((name) => /\.(self|fusion)\..*\.weight$/.test(name));
  assert.equal(layers.length, TINY.levels.length * 8, "queries, keys, values, outputs of both");
  const { rank, alpha } = TINY.lora;
  for (const layer of layers) {
    const name = layer.replace(/\.weight$/, "");
    const [a, b] = [values[`${name}.lora.a`]!, values[`${name}.lora.b`]!];
    merged[layer] = values[layer]!.map((weight, i) => {
      const [row, column] = [Math.floor(i / TINY.width), i % TINY.width];
      for (let r = 0; r < rank; r++)
        weight += (alpha / rank) * b[row * rank + r]! * a[r * TINY.width + column]!;
      return weight;
    });
  }
  const learned = await run({ ...values, ...data });
  const expected = (await run({ ...merged, ...data })).frozen;
  assert.ok(worst(learned.adapted, expected) < 1e-4, `${worst(learned.adapted, expected)}`);
  assert.ok(worst(learned.adapted, learned.frozen) > 0.1);
});

const TRAINED: Readonly<Record<Adaptation, RegExp>> = {
  head: /^head\./,
  lora: /^head\.|\.lora\.[ab]$/,
  full: /^head\.|^match\.|^branch\.(?!.*\.lora\.)/,
};
for (const adapt of ["head", "lora", "full"] as const)
  test(`fine-tuning (${adapt}) starts from the shallow level's logit and changes all that it trains`, async () => {
    const batch = 4;
    const graph = new Graph();
    const { parameters, logits } = buildPrediction(
      graph,
      TINY,
      TABLE,
      batch,
      roomsOf(batch)[0]!,
      true,
    );
    const labels = graph.input("labels", [batch]);
    const loss = binaryCrossEntropy(logits, labels, graph.input("weights", [batch]));
    graph.output("logits", logits);
    const options = { ...ADAMW, weightDecay: 0 };
    const tensors = [...parameters.tensors.values()];
    const trained = tensors.filter(({ name }) => isFineTuned(name, adapt));
    adamW(
      graph,
      loss,
      trained.map((tensor) => ({ tensor })),
      options,
    );
    const names = (some: readonly { readonly name: string }[]) => some.map(({ name }) => name);
    assert.deepEqual(
      names(trained),
      names(tensors.filter(({ name }) => TRAINED[adapt].test(name))),
    );
    assert.ok(trained.length > 0 && trained.length < tensors.length);

    const session = await compile(graph, cpu(1));
    const initial = parameters.initial(1);
    const frozen = Object.fromEntries(
      [...initial].flatMap(([name, { data }]) => (isFineTuned(name, adapt) ? [] : [[name, data]])),
    );
    const { feedsOf } = await predictor(batch);
    const feeds = {
      ...frozen,
      ...(await feedsOf(madeUpBatch(batch, "fine-tuning"))),
      labels: Float32Array.of(1, 0, 0, 1),
      weights: new Float32Array(batch).fill(1),
      keep: new Float32Array(batch * HEAD_INPUTS * TINY.width).fill(1),
    };
    let state = startOf(new Map([...initial].filter(([name]) => isFineTuned(name, adapt))));
    const first = await session.run({ ...state, ...feeds, ...stepFeeds(1, 1e-2, options) });
    assert.deepEqual([...floats(first.logits)], [0.5, 0.5, 0.5, 0.5]);
    // The head's last layer starts at zero and so does B: the gradient reaches A in the third step.
    for (let step = 1; step <= 4; step++)
      state = await nextState(session, state, { ...feeds, ...stepFeeds(step, 1e-2, options) });
    const unchanged = trained.filter(
      ({ name }) =>
        hasGradient(name) && worst(valuesOf(state[name]!), initial.get(name)!.data) < 1e-4,
    );
    assert.deepEqual(names(unchanged), []);
  });
