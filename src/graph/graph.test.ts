import assert from "node:assert/strict";
import { test } from "node:test";
import { gradients } from "./gradient.js";
import { Graph } from "./graph.js";
import { add, exp, multiply, scale, shift, square, sum, tanh } from "./operations.js";
import { cpu } from "./processor.js";
import { compile, floats, Value } from "./session.js";

const emits = (graph: Graph, name: string) => Buffer.from(graph.toOnnx()).includes(name);

test("names stand for one value: inputs and outputs cannot share one, nodes avoid them", async () => {
  const graph = new Graph();
  const x = graph.input("Add_0", [2]);
  const y = graph.input("constant_1", [2]);
  assert.throws(() => graph.input("Add_0", [1]), { message: 'input: the name "Add_0" is taken' });
  assert.throws(() => graph.output("Add_0", x), { message: 'output: the name "Add_0" is taken' });
  graph.output("sum", shift(add(x, y), 1));
  assert.throws(() => graph.output("sum", x), { message: 'output: the name "sum" is taken' });
  const session = await compile(graph, cpu(1));
  const result = await session.run({
    Add_0: Float32Array.of(1, 2),
    constant_1: Float32Array.of(3, 4),
  });
  assert.deepEqual(floats(result.sum), Float32Array.of(5, 7));
  await session.release();
});

test("an operand of another graph is refused", () => {
  const [a, b] = [new Graph().input("x", [2]), new Graph().input("x", [2])];
  assert.throws(() => add(a, b), { message: "Add: an operand belongs to another graph" });
});

test("only what an output depends on is emitted", () => {
  const graph = new Graph();
  const x = graph.input("x", [2]);
  const live = tanh(x);
  const dead = scale(exp(x), 3);
  graph.output("y", live);
  assert.ok(emits(graph, live.name));
  assert.ok(!emits(graph, dead.name) && !emits(graph, graph.scalar(3).name));
  assert.deepEqual(
    graph.liveNodes().map(({ operator }) => operator),
    ["Tanh"],
  );
});

test("equal scalars share one constant", () => {
  const graph = new Graph();
  const x = graph.input("x", [2]);
  scale(shift(scale(x, 2), 2), 3);
  assert.deepEqual(
    graph.constants.map(({ data }) => data[0]),
    [2, 3],
  );
});

test("a constant must fill its shape", () => {
  assert.throws(() => new Graph().constant(new Float32Array(5), [2, 3]), {
    message: "constant: 5 numbers do not fill the shape [2, 3]",
  });
});

test("gradients add up over every path, and refuse a loss that has none", async () => {
  const graph = new Graph();
  const x = graph.input("x", [2]);
  const aside = graph.input("aside", [2]);
  const doubled = add(x, x);
  const loss = sum(multiply(doubled, square(x))); // 2 x³
  graph.output("gradient", gradients(loss, [x])[0]!);
  const session = await compile(graph, cpu(1));
  const feeds = { x: Float32Array.of(1, -2), aside: new Float32Array(2) };
  assert.deepEqual(floats((await session.run(feeds)).gradient), Float32Array.of(6, 24));
  await session.release();
  assert.throws(() => gradients(doubled, [x]), {
    message: "gradients: the loss has shape [2], not []",
  });
  assert.throws(() => gradients(loss, [aside]), {
    message: 'gradients: the loss does not depend on "aside"',
  });
});

test("a run names the input that is wrong", async () => {
  const graph = new Graph();
  const x = graph.input("x", [2, 2]);
  const count = graph.input("count", [1], "int32");
  graph.output("y", scale(x, 2));
  graph.output("n", count);
  const session = await compile(graph, cpu(1));
  const good = { x: new Float32Array(4), count: new Int32Array(1) };
  await session.run(good);
  const refuses = (feeds: Parameters<typeof session.run>[0], message: string) =>
    assert.rejects(session.run(feeds), { message });
  await refuses({ x: good.x }, 'run: the input "count" is missing');
  await refuses({ ...good, z: good.x }, 'run: the graph has no input "z"');
  const wanted = 'run: "x", float32 of shape [2, 2], was fed';
  await refuses({ ...good, x: new Float32Array(3) }, `${wanted} 3 numbers`);
  await refuses({ ...good, x: new Int32Array(4) }, `${wanted} a Int32Array`);
  await refuses(
    { ...good, x: new Value("float32", good.x, [4]) },
    `${wanted} float32 of shape [4]`,
  );
  await refuses(
    { ...good, x: new Value("int32", new Int32Array(4), [2, 2]) },
    `${wanted} int32 of shape [2, 2]`,
  );
  await session.release();
});
