import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../base/random.js";
import { Graph } from "../graph/index.js";
import { grouping } from "./grouping.js";
import { Parameters } from "./parameters.js";
import { drawn, runner, worst } from "./test-support.js";
import { PADDING } from "./tokens.js";

type Matrix = readonly (readonly number[])[];

const rowsOf = (data: ArrayLike<number>, width: number): Matrix =>
  Array.from({ length: data.length / width }, (_, row) =>
    Array.from({ length: width }, (_, i) => data[row * width + i]!),
  );
const transposed = (a: Matrix): Matrix => a[0]!.map((_, i) => a.map((row) => row[i]!));
const product = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) =>
    transposed(b).map((column) => row.reduce((sum, value, i) => sum + value * column[i]!, 0)),
  );
const softmaxOf = (row: readonly number[]): number[] => {
  const total = row.reduce((sum, value) => sum + Math.exp(value), 0);
  return row.map((value) => Math.exp(value) / total);
};

test("a grouping layer is softmax(U_c W_Q (U W_K)ᵀ / √d_k) U W_V over the tokens that count", async () => {
  const [batch, length, depth, centroids, width] = [2, 5, 7, 3, 4] as const;
  const counting = [5, 3]; // tokens of each text
  const graph = new Graph();
  const parameters = new Parameters(graph);
  const tokens = graph.input("tokens", [batch, length, depth]);
  const mask = graph.input("mask", [batch, 1, length]);
  const out = grouping(parameters, "g", tokens, { centroids, width, mask });
  assert.deepEqual(out.shape, [batch, centroids, width]);

  const values = drawn(parameters);
  values["g.value.bias"]!.fill(0); // where it starts; the formula has none
  const data = new Random("tokens").normals(batch * length * depth, 1);
  const masks = Float32Array.from({ length: batch * length }, (_, i) =>
    i % length < counting[Math.floor(i / length)]! ? 0 : PADDING,
  );
  const run = await runner(graph, { out });
  const actual = (await run({ ...values, tokens: data, mask: masks })).out;

  const uc = rowsOf(values["g.centroids"]!, width);
  const wq = transposed(rowsOf(values["g.query"]!, width)); // layers are stored as [out, in]
  const wk = rowsOf(values["g.key"]!, width);
  const wv = transposed(rowsOf(values["g.value.weight"]!, depth));
  const expected = counting.flatMap((count, text) => {
    const all = rowsOf(data.subarray(text * length * depth, (text + 1) * length * depth), depth);
    const u = all.slice(0, count);
    const scores = product(product(uc, wq), transposed(product(u, wk)));
    const weights = scores.map((row) => softmaxOf(row.map((score) => score / Math.sqrt(width))));
    return product(weights, product(u, wv)).flat();
  });
  assert.ok(worst(actual, expected) < 1e-5, `off by ${worst(actual, expected)}`);
});
