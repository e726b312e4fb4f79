import assert from "node:assert/strict";
import { test } from "node:test";
import { gradients } from "./gradient.js";
import { Graph } from "./graph.js";
import * as operations from "./operations.js";
import { evaluate } from "./reference.js";
import { compile, floats } from "./session.js";
import { type Shape, show, sizeOf, type Tensor } from "./tensor.js";
import { testProcessor } from "./test-device.js";

const { concat, gather, matmul, multiply, reshape, square, sum } = operations;

/** The shapes of the inputs, and the operation on them. */
type Case = readonly [shapes: readonly Shape[], build: (...inputs: Tensor[]) => Tensor];
type Build<N extends 1 | 2 | 3> = (
  ...inputs: N extends 1 ? [Tensor] : N extends 2 ? [Tensor, Tensor] : [Tensor, Tensor, Tensor]
) => Tensor;

const one = (shape: Shape, build: Build<1>): Case => [[shape], build as Case[1]];
const two = (a: Shape, b: Shape, build: Build<2>): Case => [[a, b], build as Case[1]];
const three = (a: Shape, b: Shape, c: Shape, build: Build<3>): Case => [
  [a, b, c],
  build as Case[1],
];

const broadcasting = (build: Build<2>): Case[] => [
  two([2, 3], [2, 3], build),
  two([2, 3], [3], build),
  two([2, 1], [1, 3], build),
  two([], [2, 3], build),
  two([4, 1, 3], [2, 1], build),
];

const flags = [false, true];
const matmuls = flags.flatMap((transposeA) =>
  flags.flatMap((transposeB) => {
    const a = transposeA ? [4, 2] : [2, 4];
    const b = transposeB ? [3, 4] : [4, 3];
    const build: Build<2> = (x, y) => matmul(x, y, { transposeA, transposeB, scale: 0.5 });
    return [
      two(a, b, build),
      two([2, 3, ...a], [2, 3, ...b], build),
      two([2, 1, ...a], [3, ...b], build),
      two([3, ...a], b, build),
      two(a, [3, ...b], build),
    ];
  }),
);

const int32 = (like: Tensor, shape: Shape, ...values: number[]) =>
  like.graph.constant(Int32Array.from(values), shape);
const float32 = (like: Tensor, ...values: number[]) =>
  like.graph.constant(Float32Array.from(values), [values.length]);

/** At least one case for each differentiable operation, by its name. */
const CASES: Readonly<Record<string, readonly Case[]>> = {
  add: broadcasting(operations.add),
  subtract: broadcasting(operations.subtract),
  multiply: broadcasting(multiply),
  divide: broadcasting(operations.divide),
  scale: [one([2, 3], (x) => operations.scale(x, -2.5))],
  shift: [one([2, 3], (x) => square(operations.shift(x, 0.5)))],
  square: [one([2, 3], square)],
  exp: [one([2, 3], operations.exp)],
  log: [one([2, 3], (x) => operations.log(square(x)))],
  sqrt: [one([2, 3], (x) => operations.sqrt(square(x)))],
  tanh: [one([2, 3], operations.tanh)],
  sigmoid: [one([2, 3], operations.sigmoid)],
  relu: [one([2, 3], operations.relu)],
  softplus: [one([2, 3], (x) => operations.softplus(operations.scale(x, 8)))],
  gelu: [one([3, 4], (x) => operations.gelu(operations.scale(x, 2)))],
  geluTanh: [one([3, 4], (x) => operations.geluTanh(operations.scale(x, 2)))],
  silu: [one([3, 4], (x) => operations.silu(operations.scale(x, 2)))],
  matmul: [...matmuls, one([2, 3, 3], (x) => matmul(x, x, { transposeB: true }))],
  linear: [
    two([4, 3], [2, 3], (x, w) => operations.linear(x, w)),
    three([4, 3], [2, 3], [2], operations.linear),
    three([1, 3], [1, 3], [1], operations.linear),
  ],
  softmax: [one([5], operations.softmax), one([2, 3, 4], operations.softmax)],
  layerNorm: [
    three([2, 3, 4], [4], [4], (x, gain, bias) => operations.layerNorm(x, gain, bias)),
    three([4], [4], [4], (x, gain, bias) => operations.layerNorm(x, gain, bias, 0.1)),
  ],
  rmsNorm: [
    two([2, 3, 4], [4], (x, gain) => operations.rmsNorm(x, gain, 1e-5)),
    two([4], [4], (x, gain) => operations.rmsNorm(x, gain, 0.1)),
  ],
  sum: [
    one([2, 3, 4], (x) => sum(x)),
    one([2, 3, 4], (x) => sum(x, [1])),
    one([2, 3, 4], (x) => sum(x, [0, -1], true)),
    one([2, 3], (x) => sum(x, [])),
  ],
  mean: [
    one([2, 3], (x) => operations.mean(x)),
    one([2, 3, 4], (x) => operations.mean(x, [-2])),
    one([2, 3, 4], (x) => operations.mean(x, [0], true)),
  ],
  reshape: [one([2, 6], (x) => reshape(x, [3, 1, 4])), one([1], (x) => reshape(x, []))],
  expand: [
    one([2, 1], (x) => operations.expand(x, [3, 2, 4])),
    one([], (x) => operations.expand(x, [2])),
    one([2, 3], (x) => operations.expand(x, [2, 3])),
  ],
  transpose: [
    one([2, 3], (x) => operations.transpose(x, [1, 0])),
    one([2, 3, 4, 2], (x) => operations.transpose(x, [2, 0, 3, 1])),
  ],
  concat: [
    three([2, 1, 2], [2, 3, 2], [2, 2, 2], (...parts) => concat(parts, 1)),
    one([2, 3], (x) => concat([x, x], 0)),
  ],
  slice: [
    one([4, 3], (x) => operations.slice(x, 0, 1, 3)),
    one([2, 3, 4], (x) => operations.slice(x, 2, 0, 3)),
    one([2, 3], (x) => operations.slice(x, 1, 2, 3)),
  ],
  gather: [
    one([4, 3], (table) => gather(table, int32(table, [2, 3], 1, 3, 1, 1, 0, 3))),
    one([4, 1], (table) => gather(table, int32(table, [2], 2, 2))),
    one([4, 3], (table) => gather(table, int32(table, [], 2))),
  ],
  rearrange: [
    one([3, 2], (x) =>
      operations.rearrange(x, int32(x, [5], 3, 2, 3, 0, 3), int32(x, [3], 3, 5, 1)),
    ),
  ],
  crossEntropy: [
    two([3, 4], [3], (logits, weights) =>
      operations.crossEntropy(logits, int32(logits, [3], 2, 0, 2), square(weights)),
    ),
    one([4, 3], (logits) =>
      operations.crossEntropy(
        logits,
        int32(logits, [4], 1, 0, 2, 1),
        float32(logits, 1, 0, 0.5, 2),
      ),
    ),
  ],
  binaryCrossEntropy: [
    two([4], [4], (logits, weights) =>
      operations.binaryCrossEntropy(logits, float32(logits, 1, 0, 0.3, 1), square(weights)),
    ),
    one([3], (logits) =>
      operations.binaryCrossEntropy(logits, float32(logits, 1, 0, 1), float32(logits, 1, 0, 2)),
    ),
  ],
  normalise: [one([4], operations.normalise), one([2, 3, 4], operations.normalise)],
};

const NOT_DIFFERENTIABLE = ["atLeast", "cast", "largest"];

test("every exported operation has a gradient case", () => {
  const exported = Object.keys(operations).filter((name) => !NOT_DIFFERENTIABLE.includes(name));
  assert.deepEqual(Object.keys(CASES).sort(), exported.sort());
});

for (const [operation, cases] of Object.entries(CASES))
  test(`${operation}: gradients against finite differences, onnxruntime against the interpreter`, async () => {
    for (const [shapes, build] of cases.slice(0, CASES_EACH)) await check(shapes, build);
  });

/** On a device a session takes long to open, and broadcasting is the same in all operations. */
const CASES_EACH = testProcessor.device === "cpu" ? Number.POSITIVE_INFINITY : 3;
const STEP = 1e-5;

/** Numbers of both signs, none near 0, where relu bends and a quotient explodes. */
const wave = (size: number, seed: number) =>
  Float32Array.from({ length: size }, (_, i) => {
    const value = Math.sin(1.7 * i + 2.3 * seed + 1);
    return value + Math.sign(value) * 0.25;
  });

async function check(shapes: readonly Shape[], build: Case[1]): Promise<void> {
  const [forward, both] = [new Graph(), new Graph()].map((graph) => {
    const inputs = shapes.map((shape, i) => graph.input(`x${i}`, shape));
    const y = build(...inputs);
    // A different weight for each element, so that no two errors cancel.
    const weights = graph.constant(wave(sizeOf(y.shape), 7), y.shape);
    const loss = sum(multiply(y, weights));
    graph.output("loss", loss);
    return { graph, inputs, y, loss };
  }) as [Built, Built];
  both.graph.output("y", both.y);
  gradients(both.loss, both.inputs).forEach((gradient, i) => {
    assert.deepEqual(gradient.shape, shapes[i]);
    both.graph.output(`gradient${i}`, gradient);
  });

  const feeds = Object.fromEntries(
    shapes.map((shape, i) => [`x${i}`, wave(sizeOf(shape), i)] as const),
  );
  const expected = evaluate(both.graph, feeds);
  const lossAt = (name: string, element: number, change: number) => {
    const moved = Float64Array.from(feeds[name]!);
    moved[element]! += change;
    return evaluate(forward.graph, { ...feeds, [name]: moved }).loss!.data[0]!;
  };
  shapes.forEach((shape, i) => {
    const numerical = Float64Array.from(
      { length: sizeOf(shape) },
      (_, k) => (lossAt(`x${i}`, k, STEP) - lossAt(`x${i}`, k, -STEP)) / (2 * STEP),
    );
    const label = `gradient ${i} of shapes ${shapes.map(show).join(" ")}`;
    assertClose(expected[`gradient${i}`]!.data, numerical, 2e-7, label);
  });

  const session = await compile(both.graph, testProcessor);
  const actual = await session.run(feeds);
  for (const [name, { data }] of Object.entries(expected))
    assertClose(floats(actual[name]), data, 3e-6, `onnxruntime's ${name} of ${shapes.map(show)}`);
  await session.release();
}

interface Built {
  readonly graph: Graph;
  readonly inputs: Tensor[];
  readonly y: Tensor;
  readonly loss: Tensor;
}

/** ‖actual − expected‖ ≤ tolerance · max(1, ‖expected‖), by the largest element. */
function assertClose(
  actual: ArrayLike<number>,
  expected: Float64Array,
  tolerance: number,
  label: string,
): void {
  assert.equal(actual.length, expected.length, label);
  const size = Math.max(1, ...expected.map(Math.abs));
  const error = Math.max(...expected.map((value, i) => Math.abs(value - actual[i]!)));
  assert.ok(error <= tolerance * size, `${label}: off by ${error}, of ${size}`);
}

test("comparisons and the largest of a line, in onnxruntime and in the interpreter", async () => {
  const graph = new Graph();
  const [x, limit] = [graph.input("x", [2, 3]), graph.input("limit", [2, 1])];
  graph.output("atLeast", operations.atLeast(x, limit));
  graph.output("largest", operations.largest(x));
  const feeds = { x: Float32Array.of(1, 2, 3, -3, -2, -1), limit: Float32Array.of(2, -1.5) };
  const expected = { atLeast: [0, 1, 1, 0, 0, 1], largest: [3, -1] };
  const session = await compile(graph, testProcessor);
  const actual = await session.run(feeds);
  const interpreted = evaluate(graph, feeds);
  for (const [name, values] of Object.entries(expected)) {
    assert.deepEqual([...floats(actual[name])], values);
    assert.deepEqual([...interpreted[name]!.data], values);
  }
  await session.release();
});

test("shapes that do not fit are named with the operation", () => {
  const graph = new Graph();
  let count = 0;
  const of = (...shape: number[]) => graph.input(`input ${count++}`, shape);
  const ints = (...shape: number[]) => graph.input(`input ${count++}`, shape, "int32");
  const { binaryCrossEntropy, crossEntropy, expand, layerNorm, linear, slice, transpose } =
    operations;
  const faults: readonly (readonly [() => unknown, string])[] = [
    [() => operations.add(of(2, 3), of(2)), "Add: shapes [2, 3] and [2] do not fit"],
    [() => operations.divide(of(4), of(3)), "Div: shapes [4] and [3] do not fit"],
    [() => operations.atLeast(of(4), of(3)), "atLeast: shapes [4] and [3] do not fit"],
    [() => matmul(of(2, 3), of(4, 5)), "matmul: shapes [2, 3] and [4, 5] have inner sizes 3 and 4"],
    [() => matmul(of(3), of(3, 5)), "matmul: shapes [3] and [3, 5] need two axes each"],
    [() => matmul(of(2, 2, 3), of(4, 3, 5)), "matmul: shapes [2] and [4] do not fit"],
    [() => linear(of(2, 3), of(3, 2)), "linear: shapes [2, 3] and [3, 2] do not fit"],
    [() => linear(of(2, 3), of(4, 3), of(3)), "linear (bias): shapes [4, 3] and [3] do not fit"],
    [() => layerNorm(of(2, 3), of(3), of(2)), "layerNorm: shapes [2, 3] and [2] do not fit"],
    [() => operations.rmsNorm(of(2, 3), of(2), 1), "rmsNorm: shapes [2, 3] and [2] do not fit"],
    [() => sum(of(2, 3), [2]), "sum: no axis 2 in [2, 3]"],
    [() => reshape(of(2, 3), [5]), "reshape: shapes [2, 3] and [5] do not fit"],
    [() => expand(of(2, 3), [3]), "expand: shapes [2, 3] and [3] do not fit"],
    [() => expand(of(2, 3), [2, 4]), "expand: shapes [2, 3] and [2, 4] do not fit"],
    [() => transpose(of(2, 3), [0, 0]), "transpose: [0, 0] is no order of the axes of [2, 3]"],
    [() => transpose(of(2, 3), [0]), "transpose: [0] is no order of the axes of [2, 3]"],
    [() => concat([of(2, 3), of(2, 4)], 0), "concat: shapes [2, 3] and [2, 4] do not fit"],
    [() => concat([of(2, 3), of(2, 3)], 2), "concat: no axis 2 in [2, 3]"],
    [() => slice(of(2, 3), 1, 2, 4), "slice: no 2 to 4 on axis 1 of [2, 3]"],
    [() => gather(of(3), ints(2)), "gather: shapes [3] and [2] do not fit"],
    [
      () => crossEntropy(of(2, 3), ints(3), of(2)),
      "crossEntropy: shapes [2, 3] and [3] do not fit",
    ],
    [
      () => crossEntropy(of(2, 3), ints(2), of(1)),
      "crossEntropy (weights): shapes [2, 3] and [1] do not fit",
    ],
    [
      () => binaryCrossEntropy(of(2), of(2, 1), of(2)),
      "binaryCrossEntropy: shapes [2] and [2, 1] do not fit",
    ],
  ];
  for (const [fault, message] of faults) assert.throws(fault, { message });
});
