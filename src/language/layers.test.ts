import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../base/random.js";
import { compile, cpu, floats, Graph } from "../graph/index.js";
import { attention, causalAttention } from "./layers.js";

test("causal attention in blocks of queries is attention with a whole mask", async () => {
  for (const length of [1, 64, 65, 150, 300]) {
    const shape = [2, 3, length, 8];
    const graph = new Graph();
    const [q, k, v] = [graph.input("q", shape), graph.input("k", shape), graph.input("v", shape)];
    const mask = Float32Array.from({ length: length ** 2 }, (_, i) =>
      i % length > Math.floor(i / length) ? -1e9 : 0,
    );
    graph.output("whole", attention(q, k, v, graph.constant(mask, [length, length])));
    graph.output("blocks", causalAttention(graph, length)(q, k, v));
    const session = await compile(graph, cpu(1));
    const numbers = (name: string) => new Random(name).normals(2 * 3 * length * 8, 1);
    const results = await session.run({ q: numbers("q"), k: numbers("k"), v: numbers("v") });
    await session.release();
    const [whole, blocks] = [floats(results.whole), floats(results.blocks)];
    assert.equal(whole.length, 2 * length * 24);
    for (const [i, value] of whole.entries())
      assert.ok(Math.abs(value - blocks[i]!) < 1e-5, `${length}: ${blocks[i]} at ${i}`);
  }
});
