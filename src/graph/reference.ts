/**
 * Test helper: an interpreter of the ONNX nodes that the operations emit, in plain TypeScript and
 * float64, written from the operators' definitions (https://onnx.ai/onnx/operators/) to be read, not
 * to be fast. The tests compare gradients and onnxruntime with it.
 */
import { erf } from "../base/normal.js";
import type { Graph, Node } from "./graph.js";
import { broadcast, type Shape, show, sizeOf, type Tensor } from "./tensor.js";

export interface Numbers {
  readonly shape: Shape;
  readonly data: Float64Array;
}

/** The outputs of a graph by name. @throws Error where a result has not the shape the graph claims. */
export function evaluate(
  graph: Graph,
  feeds: Readonly<Record<string, ArrayLike<number>>>,
): Record<string, Numbers> {
  const values = new Map<Tensor, Numbers>();
  for (const { tensor, data } of graph.constants)
    values.set(tensor, { shape: tensor.shape, data: Float64Array.from(data, Number) });
  for (const tensor of graph.inputs)
    values.set(tensor, { shape: tensor.shape, data: Float64Array.from(feeds[tensor.name]!) });
  for (const node of graph.liveNodes()) {
    const interpret = OPERATORS[node.operator];
    if (!interpret) throw new Error(`reference: no operator ${node.operator}`);
    const results = interpret(node.inputs.map((input) => values.get(input)!) as Operands, node);
    node.outputs.forEach((output, i) => {
      const result = results[i]!;
      if (show(result.shape) !== show(output.shape))
        throw new Error(`${output.name} is ${show(result.shape)}, claimed ${show(output.shape)}`);
      values.set(output, result);
    });
  }
  return Object.fromEntries(
    [...graph.outputs].map(([name, tensor]) => [name, values.get(tensor)!] as const),
  );
}

type Index = readonly number[];
/** As many as the operator has; the optional ones last. */
type Operands = [Numbers, Numbers, Numbers, ...Numbers[]];
type Interpreter = (operands: Operands, node: Node) => Numbers[];

/** Calls f with every index of a shape, in the order of the data. */
function visit(shape: Shape, f: (index: Index, position: number) => void): void {
  const index = shape.map(() => 0);
  const size = sizeOf(shape);
  for (let position = 0; position < size; position++) {
    f(index, position);
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis]! === shape[axis]; axis--)
      index[axis] = 0;
  }
}

/** The array whose element at each index is f(index). */
function build(shape: Shape, f: (index: Index) => number): Numbers {
  const data = new Float64Array(sizeOf(shape));
  visit(shape, (index, position) => {
    data[position] = f(index);
  });
  return { shape, data };
}

/** Where an index lies in the data of an array; axes of size 1, and missing ones, are broadcast. */
function position({ shape }: Numbers, index: Index): number {
  const missing = index.length - shape.length;
  return shape.reduce((p, size, axis) => p * size + (size === 1 ? 0 : index[missing + axis]!), 0);
}

const at = (x: Numbers, index: Index): number => x.data[position(x, index)]!;

/** f of broadcast operands, element by element. */
const elementwise =
  (f: (...values: number[]) => number): Interpreter =>
  (operands) => {
    const shape = operands.map((x) => x.shape).reduce((a, b) => broadcast("reference", a, b));
    return [build(shape, (index) => f(...operands.map((x) => at(x, index))))];
  };

/** Σ f(0 … n − 1) */
function total(n: number, f: (i: number) => number): number {
  let result = 0;
  for (let i = 0; i < n; i++) result += f(i);
  return result;
}

/** A number for each line along the last axis: shape [..., 1]. */
function perLine(x: Numbers, f: (line: Float64Array) => number): Numbers {
  const width = x.shape.at(-1)!;
  return build([...x.shape.slice(0, -1), 1], (index) => {
    const start = position(x, index);
    return f(x.data.subarray(start, start + width));
  });
}

/** ln Σ exp, shifted by the maximum so that nothing overflows. */
const logSumExp = (line: Float64Array): number => {
  const largest = Math.max(...line);
  return largest + Math.log(total(line.length, (i) => Math.exp(line[i]! - largest)));
};

/** An attribute as a plain number. */
function attribute(node: Node, name: string): number {
  const value = node.attributes[name] ?? 0;
  if (typeof value === "object" && "float" in value) return value.float;
  return value as number;
}

/** op(a) op(b), with broadcasting of the axes before the last two. */
function product(a: Numbers, b: Numbers, node: Node): Numbers {
  const swap = (index: Index, transposed: number) =>
    transposed ? [...index.slice(0, -2), index.at(-1)!, index.at(-2)!] : index;
  const sizeA = swap(a.shape, attribute(node, "transA"));
  const sizeB = swap(b.shape, attribute(node, "transB"));
  const batch = broadcast("reference", sizeA.slice(0, -2), sizeB.slice(0, -2));
  return build([...batch, sizeA.at(-2)!, sizeB.at(-1)!], (index) => {
    const before = index.slice(0, -2);
    return total(sizeA.at(-1)!, (k) => {
      const left = swap([...before, index.at(-2)!, k], attribute(node, "transA"));
      const right = swap([...before, k, index.at(-1)!], attribute(node, "transB"));
      return at(a, left) * at(b, right);
    });
  });
}

const OPERATORS: Readonly<Record<string, Interpreter>> = {
  Identity: ([x]) => [x],
  Cast: ([x]) => [x],
  Add: elementwise((a = 0, b = 0) => a + b),
  Sub: elementwise((a = 0, b = 0) => a - b),
  Mul: elementwise((a = 0, b = 0) => a * b),
  Div: elementwise((a = 0, b = 0) => a / b),
  Max: elementwise(Math.max),
  Greater: elementwise((a = 0, b = 0) => +(a > b)),
  GreaterOrEqual: elementwise((a = 0, b = 0) => +(a >= b)),
  Exp: elementwise(Math.exp),
  Log: elementwise(Math.log),
  Sqrt: elementwise(Math.sqrt),
  Tanh: elementwise(Math.tanh),
  Sigmoid: elementwise((x = 0) => 1 / (1 + Math.exp(-x))),
  Relu: elementwise((x = 0) => Math.max(x, 0)),
  Softplus: elementwise((x = 0) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  Erf: elementwise(erf),
  Gelu: elementwise((x = 0) => 0.5 * x * (1 + erf(x * Math.SQRT1_2))),

  MatMul: ([a, b], node) => [product(a, b, node)],
  Gemm: ([a, b, c], node) => {
    const y = product(a, b, node);
    return [c ? build(y.shape, (index) => at(y, index) + at(c, index)) : y];
  },

  Softmax: ([x]) => {
    const sums = perLine(x, logSumExp);
    return [build(x.shape, (index) => Math.exp(at(x, index) - at(sums, index)))];
  },
  LogSoftmax: ([x]) => {
    const sums = perLine(x, logSumExp);
    return [build(x.shape, (index) => at(x, index) - at(sums, index))];
  },
  LayerNormalization: ([x, gain, bias], node) => {
    const width = x.shape.at(-1)!;
    const mean = perLine(x, (line) => total(width, (i) => line[i]!) / width);
    const centred = build(x.shape, (index) => at(x, index) - at(mean, index));
    const inverse = perLine(
      centred,
      (line) =>
        1 / Math.sqrt(total(width, (i) => line[i]! ** 2) / width + attribute(node, "epsilon")),
    );
    const y = build(x.shape, (i) => at(centred, i) * at(inverse, i) * at(gain, i) + at(bias, i));
    return [y, mean, inverse];
  },

  ReduceSum: ([x, axes], node) => {
    const kept = x.shape.map((size, axis) => (axes.data.includes(axis) ? 1 : size));
    const y = build(kept, () => 0);
    visit(x.shape, (index) => {
      y.data[position(y, index)]! += at(x, index);
    });
    const dropped = x.shape.filter((_, axis) => !axes.data.includes(axis));
    return [attribute(node, "keepdims") ? y : { shape: dropped, data: y.data }];
  },
  /** Over the last axis, kept. */
  ReduceMax: ([x]) => [perLine(x, (line) => Math.max(...line))],
  Reshape: ([x, shape]) => [{ shape: [...shape.data], data: x.data }],
  Expand: ([x, shape]) => [
    build(broadcast("reference", x.shape, [...shape.data]), (index) => at(x, index)),
  ],
  Transpose: ([x], { attributes }) => {
    const order = attributes.perm as Index;
    return [
      build(
        order.map((axis) => x.shape[axis]!),
        (index) =>
          at(
            x,
            order.map((_, axis) => index[order.indexOf(axis)]!),
          ),
      ),
    ];
  },
  Concat: (parts, node) => {
    const axis = attribute(node, "axis");
    const sizes = parts.map((part) => part.shape[axis]!);
    const shape = parts[0].shape.with(
      axis,
      total(sizes.length, (i) => sizes[i]!),
    );
    return [
      build(shape, (index) => {
        let part = 0;
        let along = index[axis]!;
        while (along >= sizes[part]!) along -= sizes[part++]!;
        return at(parts[part]!, index.with(axis, along));
      }),
    ];
  },
  Slice: ([x, start, end, axes]) => {
    const [from, to, axis] = [start.data[0]!, end.data[0]!, axes!.data[0]!];
    const shape = x.shape.with(axis, to - from);
    return [build(shape, (index) => at(x, index.with(axis, index[axis]! + from)))];
  },

  Gather: ([table, rows]) => [
    build([...rows.shape, table.shape[1]!], (index) =>
      at(table, [at(rows, index.slice(0, -1)), index.at(-1)!]),
    ),
  ],
  GatherElements: ([x, chosen], node) => {
    const axis = attribute(node, "axis");
    return [build(chosen.shape, (index) => at(x, index.with(axis, at(chosen, index))))];
  },
  ScatterElements: ([x, chosen, updates], node) => {
    const axis = attribute(node, "axis");
    const y = { shape: x.shape, data: x.data.slice() };
    visit(chosen.shape, (index) => {
      y.data[position(y, index.with(axis, at(chosen, index)))]! += at(updates, index);
    });
    return [y];
  },
};
