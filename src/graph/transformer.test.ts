import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type AdamWOptions, adamW, momentNames, stepFeeds } from "./adamw.js";
import { gradients } from "./gradient.js";
import { Graph, nextName } from "./graph.js";
import {
  add,
  crossEntropy,
  gather,
  gelu,
  layerNorm,
  linear,
  matmul,
  reshape,
  softmax,
  transpose,
} from "./operations.js";
import { cpu } from "./processor.js";
import { compile, type Feed, floats } from "./session.js";
import { type Shape, sizeOf, type Tensor } from "./tensor.js";

interface Problem {
  readonly heads: number;
  readonly layers: number;
  readonly batch: number;
  readonly length: number;
  readonly ids: readonly number[];
  readonly targets: readonly number[];
  readonly weights: readonly number[];
  readonly learningRate: number;
  readonly options: AdamWOptions;
  readonly parameters: Readonly<Record<string, { shape: Shape; initial: readonly number[] }>>;
}

/** Written by bench/reference/transformer.py. */
interface Fixture extends Problem {
  /** Before each step. */
  readonly losses: readonly number[];
  readonly parameters: Readonly<
    Record<
      string,
      { shape: Shape; initial: number[]; gradient: readonly number[]; final: readonly number[] }
    >
  >;
}

const STEPS = 5;

/** Logits [B·T, V] of a pre-norm causal transformer; the output layer is the table of tokens. */
function transformer(
  { heads, layers, batch, length }: Problem,
  p: (name: string) => Tensor,
  ids: Tensor,
): Tensor {
  const width = p("positions").shape[1]!;
  const rows = batch * length;
  const future = Float32Array.from({ length: length ** 2 }, (_, i) =>
    i % length > Math.floor(i / length) ? -1e9 : 0,
  );
  const mask = ids.graph.constant(future, [length, length]);
  const norm = (x: Tensor, name: string) => layerNorm(x, p(`${name}.gain`), p(`${name}.bias`));
  const dense = (x: Tensor, name: string) => linear(x, p(`${name}.weight`), p(`${name}.bias`));
  const split = (x: Tensor) =>
    transpose(reshape(x, [batch, length, heads, width / heads]), [0, 2, 1, 3]); // [B, H, T, D/H]

  let hidden = reshape(add(gather(p("tokens"), ids), p("positions")), [rows, width]);
  for (let layer = 0; layer < layers; layer++) {
    const x = norm(hidden, `${layer}.norm1`);
    const [query, key, value] = ["query", "key", "value"].map((part) =>
      split(linear(x, p(`${layer}.${part}`))),
    ) as [Tensor, Tensor, Tensor];
    const scores = matmul(query, key, { transposeB: true, scale: (width / heads) ** -0.5 });
    const mixed = matmul(softmax(add(scores, mask)), value); // [B, H, T, D/H]
    const merged = reshape(transpose(mixed, [0, 2, 1, 3]), [rows, width]);
    hidden = add(hidden, dense(merged, `${layer}.out`));
    const inner = gelu(dense(norm(hidden, `${layer}.norm2`), `${layer}.up`));
    hidden = add(hidden, dense(inner, `${layer}.down`));
  }
  return linear(norm(hidden, "norm"), p("tokens"));
}

/** Some steps of training: the losses, the first gradients and the last parameters by name. */
async function train(problem: Problem, threads: number) {
  const { batch, length, parameters, learningRate, options } = problem;
  const names = Object.keys(parameters);
  const graph = new Graph();
  const tensors = names.map((name) => graph.input(name, parameters[name]!.shape));
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const ids = graph.input("ids", [batch, length], "int32");
  const logits = transformer(problem, (name) => byName.get(name)!, ids);
  const rows = batch * length;
  const targets = graph.input("targets", [rows], "int32");
  const loss = crossEntropy(logits, targets, graph.input("weights", [rows]));
  graph.output("loss", loss);
  gradients(loss, tensors).forEach((gradient, i) => {
    graph.output(`${names[i]}.gradient`, gradient);
  });
  const trainables = tensors.map((tensor) => ({ tensor }));
  adamW(graph, loss, trainables, options);
  const session = await compile(graph, cpu(threads));

  const state: Record<string, Feed> = {};
  for (const name of names) {
    const { initial, shape } = parameters[name]!;
    state[name] = Float32Array.from(initial);
    for (const moment of momentNames(name)) state[moment] = new Float32Array(sizeOf(shape));
  }
  const data = {
    ids: Int32Array.from(problem.ids),
    targets: Int32Array.from(problem.targets),
    weights: Float32Array.from(problem.weights),
  };
  const losses: number[] = [];
  const first: Record<string, Float32Array> = {};
  const last: Record<string, Float32Array> = {};
  for (let step = 1; step <= STEPS; step++) {
    const feeds = stepFeeds(step, learningRate, options);
    const result = await session.run({ ...state, ...data, ...feeds });
    losses.push(floats(result.loss)[0]!);
    for (const name of Object.keys(state)) state[name] = result[nextName(name)]!;
    for (const name of names) {
      first[name] ??= floats(result[`${name}.gradient`]);
      last[name] = floats(result[nextName(name)]);
    }
  }
  await session.release();
  return { losses, first, last };
}

/** ‖actual − expected‖ / ‖expected‖ */
const distance = (actual: Float32Array, expected: readonly number[]) =>
  Math.hypot(...expected.map((value, i) => actual[i]! - value)) / Math.hypot(...expected);

const fixture: Fixture = JSON.parse(
  readFileSync(new URL("../../src/graph/fixtures/transformer.json", import.meta.url), "utf8"),
);

test("a transformer's loss, gradients and AdamW steps agree with PyTorch's", async () => {
  const { losses, first, last } = await train(fixture, 1);
  assert.equal(losses.length, fixture.losses.length);
  assert.ok(distance(Float32Array.from(losses), fixture.losses) < 1e-6, `losses ${losses}`);
  for (const [name, { gradient, final }] of Object.entries(fixture.parameters)) {
    const errors = [distance(first[name]!, gradient), distance(last[name]!, final)];
    assert.ok(Math.max(...errors) < 1e-5, `${name}: gradient and final value off by ${errors}`);
  }
});

test("training is bit-identical between runs and numbers of threads", async () => {
  // The same model with every size but the batch 16 times as large: enough work to share out.
  const factor = 16;
  const rows = fixture.batch * fixture.length * factor;
  const vocabulary = fixture.parameters.tokens!.shape[0]! * factor;
  const spread = (step: number) => Array.from({ length: rows }, (_, i) => (i * step) % vocabulary);
  const problem: Problem = {
    ...fixture,
    length: fixture.length * factor,
    ids: spread(7).map((id) => id >> 3), // each of them several times
    targets: spread(5),
    weights: spread(1).map((i) => i % 3),
    parameters: Object.fromEntries(
      Object.entries(fixture.parameters).map(([name, parameter]) => {
        const shape = parameter.shape.map((size) => size * factor);
        const initial = Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i + 1) / 8);
        return [name, { shape, initial }];
      }),
    ),
  };
  const once = await train(problem, 1);
  assert.ok(once.losses.every(Number.isFinite) && once.losses.at(-1)! < once.losses[0]!);
  assert.deepEqual(await train(problem, 1), once);
  assert.deepEqual(await train(problem, 2), once);
});
