import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { compile, cpu, type Feed, floats, Graph, type Shape, type Tensor } from "../graph/index.js";
import { type BioGptConfig, bioGpt } from "./biogpt.js";
import { nextTokenLogits } from "./loss.js";

/** Written by bench/reference/biogpt.py. */
interface Fixture {
  readonly config: BioGptConfig;
  readonly shape: readonly [batch: number, length: number];
  readonly ids: readonly number[];
  readonly parameters: Readonly<Record<string, { shape: Shape; data: readonly number[] }>>;
  /** After each block, then normalised. */
  readonly states: readonly (readonly number[])[];
  readonly logits: readonly number[];
}

const fixture: Fixture = JSON.parse(
  readFileSync(new URL("../../src/language/fixtures/biogpt.json", import.meta.url), "utf8"),
);

/** The states after each block, the normalised last ones and the logits of a fixture's checkpoint. */
async function forward({ config, shape, ids, parameters }: Fixture): Promise<Float32Array[]> {
  const graph = new Graph();
  const inputs = new Map<string, Tensor>();
  const feeds: Record<string, Feed> = { ids: Int32Array.from(ids) };
  for (const [name, { shape, data }] of Object.entries(parameters)) {
    inputs.set(name, graph.input(name, shape));
    feeds[name] = Float32Array.from(data);
  }
  const parameter = (name: string) => inputs.get(name)!;
  const model = bioGpt(config);
  const states = model.states(parameter, graph.input("ids", shape, "int32"));
  const all = [...states, nextTokenLogits(model, parameter, states.at(-1)!)];
  for (const [i, state] of all.entries()) graph.output(`state${i}`, state);
  const session = await compile(graph, cpu(1));
  const results = await session.run(feeds);
  await session.release();
  return all.map((_, i) => floats(results[`state${i}`]));
}

test("parameters have the names and shapes of a published checkpoint", () => {
  const shapes = [...bioGpt(fixture.config).parameters].sort();
  const published = Object.entries(fixture.parameters).map(([name, { shape }]) => [name, shape]);
  assert.deepEqual(shapes, published.sort());
});

test("hidden states and logits agree with PyTorch's", async () => {
  const expected = [...fixture.states, fixture.logits];
  const actual = await forward(fixture);
  assert.equal(actual.length, expected.length);
  for (const [i, values] of expected.entries()) {
    const worst = Math.max(...values.map((value, j) => Math.abs(value - actual[i]![j]!)));
    assert.ok(values.length === actual[i]!.length && worst < 2e-5, `state ${i} is off by ${worst}`);
  }
});

test("more tokens than the context are refused", () => {
  const graph = new Graph();
  const ids = graph.input("ids", [1, fixture.config.max_position_embeddings + 1], "int32");
  const parameter = (name: string) => graph.input(name, fixture.parameters[name]!.shape);
  assert.throws(() => bioGpt(fixture.config).states(parameter, ids), /8 tokens exceed .* of 7/);
});
