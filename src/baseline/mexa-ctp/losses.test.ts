import assert from "node:assert/strict";
import { test } from "node:test";
import { type Feed, Graph } from "../../graph/index.js";
import { runner } from "../../model/test-support.js";
import { cauchyLoss, contrastiveLoss } from "./losses.js";

const close = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-6, `${actual} for ${expected}`);

test("the Cauchy loss is the mean of ln(1 + (p / ε)²) over the tokens that count", async () => {
  const graph = new Graph();
  const [p, weights] = [graph.input("p", [2, 2]), graph.input("weights", [2, 2])];
  const run = await runner(graph, { loss: cauchyLoss(p, weights, 0.25) });
  const { loss } = await run({
    p: Float32Array.of(0.5, 0.7, 0.1, 0.75),
    weights: Float32Array.of(1, 0, 1, 1),
  });
  // p / ε is 2, 0.4 and 3.
  close(loss[0]!, (Math.log(5) + Math.log(1.16) + Math.log(10)) / 3);
});

async function contrast(shape: readonly [number, number, number], feeds: Record<string, Feed>) {
  const graph = new Graph();
  const experts = graph.input("experts", shape);
  const loss = contrastiveLoss(experts, graph.input("weights", [shape[0]]), 0.2);
  const run = await runner(graph, { loss });
  return (await run(feeds)).loss[0]!;
}

test("the contrastive loss of partners that agree and strangers at right angles is ln(1 + 4 e⁻⁵)", async () => {
  // Three axes, each the direction of two partners, of any length.
  const experts = Float32Array.of(1, 0, 0, 3, 0, 0, 0, 1, 0, 0, 2, 0, 0, 0, 5, 0, 0, 1);
  const loss = await contrast([1, 6, 3], { experts, weights: Float32Array.of(1) });
  close(loss, Math.log(1 + 4 * Math.exp(-5)));
});

test("the contrastive loss is NT-Xent over the experts of each trial; rows that pad do not count", async () => {
  const rows = [
    [1, 0, 0.6, 0.8, 0, -2, -1, 1],
    [9, 1, -4, 2, 7, 7, 1, 0],
    [0.5, 0.5, 1, -1, 3, 4, 0, 1],
  ];
  const loss = await contrast([3, 4, 2], {
    experts: Float32Array.from(rows.flat()),
    weights: Float32Array.of(1, 0, 1),
  });
  let expected = 0;
  for (const row of [rows[0]!, rows[2]!]) {
    const similarity = (i: number, j: number) => {
      const [a, b, c, d] = [row[2 * i]!, row[2 * i + 1]!, row[2 * j]!, row[2 * j + 1]!];
      return (a * c + b * d) / Math.hypot(a, b) / Math.hypot(c, d) / 0.2;
    };
    for (const [i, partner] of [1, 0, 3, 2].entries()) {
      const others = [0, 1, 2, 3].filter((j) => j !== i);
      const total = others.reduce((sum, j) => sum + Math.exp(similarity(i, j)), 0);
      expected += (Math.log(total) - similarity(i, partner)) / 8;
    }
  }
  close(loss, expected);
});
