import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type AdamWOptions, adamW, cosineSchedule, momentNames, stepFeeds } from "./adamw.js";
import { Graph, nextName } from "./graph.js";
import { linear, multiply, scale, square, subtract, sum } from "./operations.js";
import { cpu } from "./processor.js";
import { compile, type Feed, floats } from "./session.js";
import { type Shape, sizeOf } from "./tensor.js";

const NAMES = ["weight", "bias", "gain"] as const;
type Name = (typeof NAMES)[number];

/** Written by bench/reference/adamw.py. */
interface Fixture {
  readonly options: AdamWOptions;
  readonly shapes: Readonly<Record<"x" | "target", Shape>>;
  readonly trainables: {
    readonly weight: { readonly shape: Shape };
    readonly bias: { readonly shape: Shape };
    readonly gain: { readonly shape: Shape; readonly rate: number; readonly decay: number };
  };
  readonly initial: Readonly<Record<Name, number[]>>;
  readonly steps: readonly (Readonly<Record<Name | "x" | "target", number[]>> &
    Readonly<Record<"learningRate" | "loss" | "gradientNorm", number>>)[];
}

test("AdamW follows PyTorch's: clipping, decay, a rate and a decay of a parameter's own", async () => {
  const url = new URL("../../src/graph/fixtures/adamw.json", import.meta.url);
  const { options, shapes, trainables, initial, steps }: Fixture = JSON.parse(
    readFileSync(url, "utf8"),
  );
  const graph = new Graph();
  const x = graph.input("x", shapes.x);
  const target = graph.input("target", shapes.target);
  const weight = graph.input("weight", trainables.weight.shape);
  const bias = graph.input("bias", trainables.bias.shape);
  const gain = graph.input("gain", trainables.gain.shape);
  const loss = scale(sum(square(subtract(multiply(linear(x, weight, bias), gain), target))), 0.1);
  graph.output("loss", loss);
  const { rate, decay } = trainables.gain;
  adamW(
    graph,
    loss,
    [{ tensor: weight }, { tensor: bias }, { tensor: gain, rate, decay }],
    options,
  );
  const session = await compile(graph, cpu(1));

  const state: Record<string, Feed> = {};
  for (const name of NAMES) {
    state[name] = Float32Array.from(initial[name]);
    for (const moment of momentNames(name))
      state[moment] = new Float32Array(sizeOf(trainables[name].shape));
  }
  for (const [i, step] of steps.entries()) {
    const result = await session.run({
      ...state,
      x: Float32Array.from(step.x),
      target: Float32Array.from(step.target),
      ...stepFeeds(i + 1, step.learningRate, options),
    });
    for (const name of Object.keys(state)) state[name] = result[nextName(name)]!;
    const check = (name: string, actual: Float32Array, expected: readonly number[]) =>
      expected.forEach((value, k) => {
        const error = Math.abs(actual[k]! - value);
        assert.ok(error < 1e-5 * Math.max(1, Math.abs(value)), `step ${i + 1}, ${name}: ${error}`);
      });
    check("loss", floats(result.loss), [step.loss]);
    check("gradientNorm", floats(result.gradientNorm), [step.gradientNorm]);
    for (const name of NAMES) check(name, floats(result[nextName(name)]), step[name]);
  }
  await session.release();
});

test("the schedule climbs in a line and falls along half a cosine", () => {
  const schedule = { peak: 0.4, warmup: 4, steps: 12, floor: 0.5 };
  const rates = [1, 4, 6, 8, 12, 13].map((step) => cosineSchedule(step, schedule));
  const expected = [0.1, 0.4, 0.3 + 0.1 * Math.SQRT1_2, 0.3, 0.2, 0.2];
  rates.forEach((rate, i) => {
    assert.ok(Math.abs(rate - expected[i]!) < 1e-12, `${rate}`);
  });
  assert.equal(cosineSchedule(5, { peak: 1, warmup: 0, steps: 5 }), 0);
});
