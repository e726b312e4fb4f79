import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../base/random.js";
import { Graph } from "./graph.js";
import { int8Weight, linearInt8 } from "./int8.js";
import { cpu } from "./processor.js";
import { compile, floats } from "./session.js";

const [ROWS, IN, OUT] = [5, 40, 24];
const random = new Random("int8");
const x = random.normals(ROWS * IN, 1);
x.fill(0, 0, IN); // a row of zeros
for (let i = IN; i < 2 * IN; i++) x[i] = x[i]! * 1000; // a row far larger than the others
const weight = Int8Array.from({ length: IN * OUT }, () => random.integer(255) - 127);
weight[0] = -128;
weight[1] = 127;
const scales = Float32Array.from({ length: OUT }, (_, i) => 0.01 * (i + 1));
const bias = random.normals(OUT, 1);

/** The same in 64 bits: each row rounded to multiples of its largest magnitude / 127. */
function expected(): number[] {
  const result: number[] = [];
  for (let row = 0; row < ROWS; row++) {
    const values = [...x.subarray(row * IN, (row + 1) * IN)];
    const size = Math.max(...values.map(Math.abs)) / 127;
    for (let out = 0; out < OUT; out++) {
      const sum = values.reduce(
        (total, value, i) => total + (size && Math.round(value / size)) * weight[i * OUT + out]!,
        0,
      );
      result.push(sum * size * scales[out]! + bias[out]!);
    }
  }
  return result;
}

for (const unsigned of [false, true])
  test(`the product of ${unsigned ? "unsigned" : "signed"} bytes is that of whole numbers`, async () => {
    const value = int8Weight(weight, [IN, OUT], unsigned);
    const graph = new Graph();
    const inputs = [
      graph.input("x", [ROWS, IN]),
      graph.input("weight", [IN, OUT], unsigned ? "uint8" : "int8"),
      graph.input("scales", [OUT]),
      graph.input("bias", [OUT]),
    ] as const;
    graph.output("y", linearInt8(...inputs));
    const session = await compile(graph, cpu(1));
    const y = floats((await session.run({ x, weight: value, scales, bias })).y);
    await session.release();
    for (const [i, wanted] of expected().entries()) {
      // What lies between two whole numbers may go to either in float32.
      const tolerance = 1e-4 * Math.max(1, Math.abs(wanted));
      assert.ok(Math.abs(y[i]! - wanted) < tolerance, `${i}: ${y[i]} instead of ${wanted}`);
    }
  });

test("shapes that do not fit are refused", () => {
  const graph = new Graph();
  const weight = graph.input("weight", [4, 3], "int8");
  const row = (name: string, size: number) => graph.input(name, [size]);
  const x = graph.input("x", [2, 4]);
  assert.throws(
    () => linearInt8(graph.input("z", [2, 3]), weight, row("a", 3)),
    /\[2, 3\].*\[4, 3\]/,
  );
  assert.throws(() => linearInt8(x, weight, row("b", 4)), /scales/);
  assert.throws(() => linearInt8(x, weight, row("c", 3), row("d", 2)), /bias/);
});
