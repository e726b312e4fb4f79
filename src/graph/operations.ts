import {
  broadcast,
  ELEMENT_TYPES,
  type ElementType,
  mismatch,
  type Shape,
  show,
  sizeOf,
  type Tensor,
} from "./tensor.js";

// The differentiable operations. Each checks its shapes when the graph is built, emits ONNX nodes
// and records how gradients flow back. Definitions: https://onnx.ai/onnx/operators/.
// In the comments g is the gradient of the output.

type Binary = "Add" | "Sub" | "Mul" | "Div";

function binary(operator: Binary, a: Tensor, b: Tensor): Tensor {
  return a.graph.node(operator, [a, b], broadcast(operator, a.shape, b.shape));
}

function unary(operator: string, x: Tensor, derivative: (y: Tensor) => Tensor): Tensor {
  const y = x.graph.node(operator, [x], x.shape);
  return x.graph.record([x], y, (g) => [multiply(g, derivative(y))]);
}

/** a + b with broadcasting. */
export function add(a: Tensor, b: Tensor): Tensor {
  return a.graph.record([a, b], binary("Add", a, b), (g) => [sumTo(g, a.shape), sumTo(g, b.shape)]);
}

/** a − b with broadcasting. */
export function subtract(a: Tensor, b: Tensor): Tensor {
  return a.graph.record([a, b], binary("Sub", a, b), (g) => [
    sumTo(g, a.shape),
    sumTo(scale(g, -1), b.shape),
  ]);
}

/** a ⊙ b with broadcasting. */
export function multiply(a: Tensor, b: Tensor): Tensor {
  return a.graph.record([a, b], binary("Mul", a, b), (g) => [
    sumTo(multiply(g, b), a.shape),
    sumTo(multiply(g, a), b.shape),
  ]);
}

/** a / b with broadcasting. */
export function divide(a: Tensor, b: Tensor): Tensor {
  const y = binary("Div", a, b);
  return a.graph.record([a, b], y, (g) => {
    const perA = divide(g, b);
    return [sumTo(perA, a.shape), sumTo(scale(multiply(perA, y), -1), b.shape)];
  });
}

/** c · x for a fixed number c. */
export const scale = (x: Tensor, c: number): Tensor => multiply(x, x.graph.scalar(c));

/** x + c for a fixed number c. */
export const shift = (x: Tensor, c: number): Tensor => add(x, x.graph.scalar(c));

/** x². */
export const square = (x: Tensor): Tensor => multiply(x, x);

/** e^x. */
export const exp = (x: Tensor): Tensor => unary("Exp", x, (y) => y);

/** ln x, x > 0. */
export function log(x: Tensor): Tensor {
  return x.graph.record([x], x.graph.node("Log", [x], x.shape), (g) => [divide(g, x)]);
}

/** √x, x > 0. */
export const sqrt = (x: Tensor): Tensor => unary("Sqrt", x, (y) => divide(x.graph.scalar(0.5), y));

/** Hyperbolic tangent. */
export const tanh = (x: Tensor): Tensor =>
  unary("Tanh", x, (y) => subtract(x.graph.scalar(1), square(y)));

/** 1 / (1 + e^−x). */
export const sigmoid = (x: Tensor): Tensor =>
  unary("Sigmoid", x, (y) => multiply(y, subtract(x.graph.scalar(1), y)));

/** max(x, 0). */
export const relu = (x: Tensor): Tensor =>
  unary("Relu", x, (y) =>
    cast(x.graph.node("Greater", [y, x.graph.scalar(0)], x.shape, {}, { type: "bool" }), "float32"),
  );

/** ln(1 + e^x), without overflow. */
export function softplus(x: Tensor): Tensor {
  const y = x.graph.node("Softplus", [x], x.shape);
  return x.graph.record([x], y, (g) => [multiply(g, sigmoid(x))]);
}

/** x Φ(x) with the exact normal distribution function Φ (Hendrycks and Gimpel 2016, eq. 1). */
export function gelu(x: Tensor): Tensor {
  const { graph } = x;
  return graph.record([x], graph.node("Gelu", [x], x.shape), (g) => {
    // Φ(x) + x φ(x)
    const erf = graph.node("Erf", [scale(x, Math.SQRT1_2)], x.shape);
    const cumulative = shift(scale(erf, 0.5), 0.5);
    const density = exp(multiply(scale(x, -0.5), x));
    return [multiply(g, add(cumulative, multiply(scale(x, 1 / Math.sqrt(2 * Math.PI)), density)))];
  });
}

/** {@link gelu} with tanh in place of Φ (Hendrycks and Gimpel 2016, section 2): GPT-2's. */
export function geluTanh(x: Tensor): Tensor {
  const inner = multiply(x, shift(scale(square(x), 0.044715), 1)); // x + 0.044715 x³
  return multiply(scale(x, 0.5), shift(tanh(scale(inner, Math.sqrt(2 / Math.PI))), 1));
}

/** x · sigmoid(x), also called swish. */
export const silu = (x: Tensor): Tensor => multiply(x, sigmoid(x));

/** 1 where a ≥ b, else 0, with broadcasting; no gradient. */
export function atLeast(a: Tensor, b: Tensor): Tensor {
  const shape = broadcast("atLeast", a.shape, b.shape);
  return cast(a.graph.node("GreaterOrEqual", [a, b], shape, {}, { type: "bool" }), "float32");
}

/** The largest element along the last axis, which becomes 1; no gradient. */
export function largest(x: Tensor): Tensor {
  const inputs = [x, x.graph.integers([x.shape.length - 1])];
  return x.graph.node("ReduceMax", inputs, x.shape.with(-1, 1), { keepdims: 1 });
}

/** Changes the element type; no gradient. */
export const cast = (x: Tensor, type: ElementType): Tensor =>
  x.graph.node("Cast", [x], x.shape, { to: ELEMENT_TYPES[type] }, { type });

/**
 * Matrix product over the last two axes, the axes before them broadcast: scale · op(a) op(b).
 * @throws Error naming both shapes if the inner sizes differ.
 */
export function matmul(
  a: Tensor,
  b: Tensor,
  { transposeA = false, transposeB = false, scale: alpha = 1 } = {},
): Tensor {
  const rankA = a.shape.length;
  const rankB = b.shape.length;
  if (rankA < 2 || rankB < 2) throw mismatch("matmul", a.shape, b.shape, "need two axes each");
  const [m, k] = lastTwo(a.shape, transposeA);
  const [inner, n] = lastTwo(b.shape, transposeB);
  if (k !== inner) throw mismatch("matmul", a.shape, b.shape, `have inner sizes ${k} and ${inner}`);
  const batch = broadcast("matmul", a.shape.slice(0, -2), b.shape.slice(0, -2));
  // Standard nodes; onnxruntime fuses the transpositions and the factor into the product.
  const operands = [transposeA ? swapped(a) : a, transposeB ? swapped(b) : b];
  const product = a.graph.node("MatMul", operands, [...batch, m, n]);
  const y =
    alpha === 1 ? product : a.graph.node("Mul", [product, a.graph.scalar(alpha)], product.shape);
  return a.graph.record([a, b], y, (g) => {
    const gradA = transposeA
      ? matmul(b, g, { transposeA: transposeB, transposeB: true, scale: alpha })
      : matmul(g, b, { transposeB: !transposeB, scale: alpha });
    const gradB = transposeB
      ? matmul(g, a, { transposeA: true, transposeB: transposeA, scale: alpha })
      : matmul(a, g, { transposeA: !transposeA, scale: alpha });
    return [sumTo(gradA, a.shape), sumTo(gradB, b.shape)];
  });
}

/**
 * x Wᵀ + b, as PyTorch's Linear stores it: x [N, in], W [out, in], b [out] → [N, out].
 * @throws Error naming the shapes if they do not fit.
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const [rows, columns] = x.shape;
  const [out, input] = weight.shape;
  if (x.shape.length !== 2 || weight.shape.length !== 2 || columns !== input)
    throw mismatch("linear", x.shape, weight.shape);
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== out))
    throw mismatch("linear (bias)", weight.shape, bias.shape);
  const inputs = bias ? [x, weight, bias] : [x, weight];
  const y = x.graph.node("Gemm", inputs, [rows!, out!], { transB: 1 });
  return x.graph.record(inputs, y, (g) => [
    x.graph.node("Gemm", [g, weight], x.shape),
    x.graph.node("Gemm", [g, x], weight.shape, { transA: 1 }),
    bias && sum(g, [0]),
  ]);
}

/** Softmax over the last axis. */
export function softmax(x: Tensor): Tensor {
  const y = x.graph.node("Softmax", [x], x.shape, { axis: -1 });
  return x.graph.record([x], y, (g) => {
    const weighted = multiply(g, y);
    return [subtract(weighted, multiply(y, sum(weighted, [-1], true)))];
  });
}

/** (x − mean) / √(variance + ε) · gain + bias over the last axis (Ba et al. 2016); gain and bias [D]. */
export function layerNorm(x: Tensor, gain: Tensor, bias: Tensor, epsilon = 1e-5): Tensor {
  const width = x.shape.at(-1)!;
  for (const parameter of [gain, bias])
    if (parameter.shape.length !== 1 || parameter.shape[0] !== width)
      throw mismatch("layerNorm", x.shape, parameter.shape);
  const statistics = [...x.shape.slice(0, -1), 1];
  const [y, mean, inverseDeviation] = x.graph.nodeWithOutputs(
    "LayerNormalization",
    [x, gain, bias],
    [x.shape, statistics, statistics],
    { axis: -1, epsilon: { float: epsilon } },
  ) as [Tensor, Tensor, Tensor];
  return x.graph.record([x, gain, bias], y, (g) => {
    const normal = multiply(subtract(x, mean), inverseDeviation);
    const weighted = multiply(g, gain);
    const projected = multiply(
      normal,
      scale(sum(multiply(weighted, normal), [-1], true), 1 / width),
    );
    const centred = subtract(weighted, scale(sum(weighted, [-1], true), 1 / width));
    return [
      multiply(subtract(centred, projected), inverseDeviation),
      sumTo(multiply(g, normal), gain.shape),
      sumTo(g, bias.shape),
    ];
  });
}

/** x / √(mean x² + ε) · gain over the last axis (Zhang and Sennrich 2019, eq. 4); gain [D]. */
export function rmsNorm(x: Tensor, gain: Tensor, epsilon: number): Tensor {
  if (show(gain.shape) !== show(x.shape.slice(-1))) throw mismatch("rmsNorm", x.shape, gain.shape);
  const size = sqrt(shift(mean(square(x), [-1], true), epsilon)); // [..., 1]
  return multiply(divide(x, size), gain);
}

/** Sum over the given axes; all of them by default, which gives shape []. */
export function sum(x: Tensor, axes?: readonly number[], keep = false): Tensor {
  const rank = x.shape.length;
  const over = new Set((axes ?? x.shape.map((_, axis) => axis)).map((a) => (a < 0 ? a + rank : a)));
  for (const axis of over)
    if (axis < 0 || axis >= rank) throw new Error(`sum: no axis ${axis} in ${show(x.shape)}`);
  if (over.size === 0) return x;
  const kept = x.shape.map((size, axis) => (over.has(axis) ? 1 : size));
  const shape = keep ? kept : x.shape.filter((_, axis) => !over.has(axis));
  const inputs = [x, x.graph.integers([...over])];
  const y = x.graph.node("ReduceSum", inputs, shape, { keepdims: +keep });
  return x.graph.record([x], y, (g) => [expand(reshape(g, kept), x.shape)]);
}

/** Mean over the given axes; all of them by default, which gives shape []. */
export function mean(x: Tensor, axes?: readonly number[], keep = false): Tensor {
  const total = sum(x, axes, keep);
  return scale(total, sizeOf(total.shape) / sizeOf(x.shape));
}

/** The same elements in another shape. @throws Error if the sizes differ. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  if (sizeOf(shape) !== sizeOf(x.shape)) throw mismatch("reshape", x.shape, shape);
  if (show(x.shape) === show(shape)) return x;
  const y = x.graph.node("Reshape", [x, x.graph.integers(shape)], shape, {}, { type: x.type });
  return x.graph.record([x], y, (g) => [reshape(g, x.shape)]);
}

/** Repeats along axes of size 1 until the shape is reached. */
export function expand(x: Tensor, shape: Shape): Tensor {
  if (show(broadcast("expand", x.shape, shape)) !== show(shape))
    throw mismatch("expand", x.shape, shape);
  if (show(x.shape) === show(shape)) return x;
  const y = x.graph.node("Expand", [x, x.graph.integers(shape)], shape, {}, { type: x.type });
  return x.graph.record([x], y, (g) => [sumTo(g, x.shape)]);
}

/** Reorders the axes: axis i of the result is axis order[i] of x. */
export function transpose(x: Tensor, order: readonly number[]): Tensor {
  if (
    [...order].sort((a, b) => a - b).some((axis, i) => axis !== i) ||
    order.length !== x.shape.length
  )
    throw new Error(`transpose: ${show(order)} is no order of the axes of ${show(x.shape)}`);
  const shape = order.map((axis) => x.shape[axis]!);
  const y = x.graph.node("Transpose", [x], shape, { perm: order }, { type: x.type });
  return x.graph.record([x], y, (g) => [
    transpose(
      g,
      order.map((_, axis) => order.indexOf(axis)),
    ),
  ]);
}

/** Joins tensors along an axis; their other sizes agree. */
export function concat(parts: readonly Tensor[], axis: number): Tensor {
  const first = parts[0]!;
  if (first.shape[axis] === undefined)
    throw new Error(`concat: no axis ${axis} in ${show(first.shape)}`);
  for (const part of parts)
    if (
      part.shape.length !== first.shape.length ||
      part.shape.some((size, i) => i !== axis && size !== first.shape[i])
    )
      throw mismatch("concat", first.shape, part.shape);
  const total = parts.reduce((n, part) => n + part.shape[axis]!, 0);
  const shape = first.shape.with(axis, total);
  const y = first.graph.node("Concat", parts, shape, { axis }, { type: first.type });
  return first.graph.record(parts, y, (g) => {
    let start = 0;
    return parts.map((part) => {
      const size = part.shape[axis]!;
      start += size;
      return slice(g, axis, start - size, start);
    });
  });
}

/** The part of x from `start` to before `end` along an axis. */
export function slice(x: Tensor, axis: number, start: number, end: number): Tensor {
  const size = x.shape[axis];
  if (size === undefined || start < 0 || end > size || start >= end)
    throw new Error(`slice: no ${start} to ${end} on axis ${axis} of ${show(x.shape)}`);
  const { graph } = x;
  const bounds = [[start], [end], [axis]].map((value) => graph.integers(value));
  const shape = x.shape.with(axis, end - start);
  const y = graph.node("Slice", [x, ...bounds], shape, {}, { type: x.type });
  return graph.record([x], y, (g) => {
    const zeros = (n: number) => (n > 0 ? [expand(graph.scalar(0), x.shape.with(axis, n))] : []);
    return [concat([...zeros(start), g, ...zeros(size - end)], axis)];
  });
}

/**
 * Rows of a table: table [V, D], indices int32 [...] → [..., D]. The gradient adds up with
 * ScatterElements: ScatterND is wrong on duplicate indices with several threads.
 */
export function gather(table: Tensor, indices: Tensor): Tensor {
  const { graph } = table;
  const width = table.shape[1]!;
  if (table.shape.length !== 2) throw mismatch("gather", table.shape, indices.shape);
  const y = graph.node("Gather", [table, indices], [...indices.shape, width], { axis: 0 });
  return graph.record([table], y, (g) => {
    const count = sizeOf(indices.shape);
    const rows = expand(reshape(indices, [count, 1]), [count, width]);
    const zeros = expand(graph.scalar(0), table.shape);
    return [scatterAdd(zeros, rows, reshape(g, [count, width]), 0)];
  });
}

/**
 * Rows of x [R, D] in other places: row i of the result [N, D] is row from[i] of x, or zeros where
 * from[i] = R. `back` says the same from the other side and is what the gradient takes: back[r] is the
 * row of the result where row r of x is, or N where it is nowhere. Both int32; each row is in one place
 * at most.
 */
export function rearrange(x: Tensor, from: Tensor, back: Tensor): Tensor {
  const { graph } = x;
  const [rows, width] = x.shape as [number, number];
  if (x.shape.length !== 2 || show(back.shape) !== show([rows]))
    throw mismatch("rearrange", x.shape, back.shape);
  const zeros = expand(graph.scalar(0), [1, width]);
  const padded = graph.node("Concat", [x, zeros], [rows + 1, width], { axis: 0 });
  const y = graph.node("Gather", [padded, from], [from.shape[0]!, width], { axis: 0 });
  return graph.record([x], y, (g) => [rearrange(g, back, from)]);
}

/** data with updates added at the indices along an axis; no gradient. */
function scatterAdd(data: Tensor, indices: Tensor, updates: Tensor, axis: number): Tensor {
  const { graph } = data;
  const inputs = [data, indices, updates];
  return graph.node("ScatterElements", inputs, data.shape, { axis, reduction: "add" });
}

/**
 * Weighted mean of −ln softmax(logits)[target]: logits [N, C], targets int32 [N], weights [N] → [].
 * A row of weight 0 does not count.
 */
export function crossEntropy(logits: Tensor, targets: Tensor, weights: Tensor): Tensor {
  const { graph } = logits;
  const [rows] = logits.shape;
  if (logits.shape.length !== 2 || show(targets.shape) !== show([rows!]))
    throw mismatch("crossEntropy", logits.shape, targets.shape);
  if (show(weights.shape) !== show([rows!]))
    throw mismatch("crossEntropy (weights)", logits.shape, weights.shape);
  const index = reshape(targets, [rows!, 1]);
  // Not by LogSoftmax, which has no kernel for WebGPU.
  const below = subtract(logits, largest(logits));
  const odds = exp(below);
  const total = sum(odds, [-1], true); // [N, 1]
  // Nodes without a gradient: that of the logits is written below, once.
  const chosen = graph.node("GatherElements", [below, index], [rows!, 1], { axis: 1 });
  const logTotal = graph.node("Log", [total], total.shape);
  const share = divide(reshape(weights, [rows!, 1]), sum(weights)); // [N, 1]
  const loss = scale(sum(multiply(subtract(chosen, logTotal), share)), -1);
  // The gradient shares the forward pass: (softmax − one-hot) · share, without a one-hot.
  return graph.record([logits], loss, (g) => {
    const factor = multiply(share, g);
    const softmaxPart = multiply(odds, divide(factor, total));
    return [scatterAdd(softmaxPart, index, scale(factor, -1), 1)];
  });
}

/** Mean of −y ln p − (1 − y) ln(1 − p) with p = sigmoid(logit), weighted; all of shape [N] → []. */
export function binaryCrossEntropy(logits: Tensor, labels: Tensor, weights: Tensor): Tensor {
  // Broadcasting would make [N] and [N, 1] a silent [N, N].
  for (const other of [labels, weights])
    if (logits.shape.length !== 1 || show(other.shape) !== show(logits.shape))
      throw mismatch("binaryCrossEntropy", logits.shape, other.shape);
  const perRow = subtract(softplus(logits), multiply(logits, labels));
  return divide(sum(multiply(perRow, weights)), sum(weights));
}

/** x / ‖x‖ over the last axis. */
export function normalise(x: Tensor): Tensor {
  return divide(x, sqrt(shift(sum(square(x), [-1], true), 1e-12)));
}

/** x with its last two axes swapped; no gradient: that of {@link matmul} is simpler. */
function swapped(x: Tensor): Tensor {
  const order = x.shape.map((_, axis) => axis);
  order.push(...order.splice(-2).reverse());
  const shape = order.map((axis) => x.shape[axis]!);
  return x.graph.node("Transpose", [x], shape, { perm: order });
}

/** The sizes of the last two axes, swapped where the matrix is to be transposed. */
function lastTwo(shape: Shape, transposed: boolean): [number, number] {
  const [rows, columns] = [shape.at(-2)!, shape.at(-1)!];
  return transposed ? [columns, rows] : [rows, columns];
}

/** Undoes broadcasting: sums a gradient down to the shape of the operand it belongs to. */
function sumTo(gradient: Tensor, shape: Shape): Tensor {
  const extra = gradient.shape.length - shape.length;
  const axes = gradient.shape.flatMap((size, axis) =>
    axis < extra || (shape[axis - extra] === 1 && size > 1) ? [axis] : [],
  );
  return axes.length > 0 ? reshape(sum(gradient, axes, true), shape) : gradient;
}
