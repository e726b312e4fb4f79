import {
  add,
  concat,
  type Graph,
  isInt8,
  layerNorm,
  linear,
  linearInt8,
  matmul,
  reshape,
  type Shape,
  slice,
  softmax,
  type Tensor,
  transpose,
} from "../graph/index.js";
import { type Parameter, scaleName } from "./architecture.js";

// The layers that the architectures share.

/** Adds the shapes of a linear layer, as PyTorch stores it, to those of a model. */
export function setLinear(
  shapes: Map<string, Shape>,
  name: string,
  out: number,
  input: number,
  bias = true,
): void {
  shapes.set(`${name}.weight`, [out, input]);
  if (bias) shapes.set(`${name}.bias`, [out]);
}

/** Adds the shapes of a layer normalisation to those of a model. */
export function setNorm(shapes: Map<string, Shape>, name: string, width: number): void {
  shapes.set(`${name}.weight`, [width]);
  shapes.set(`${name}.bias`, [width]);
}

/** The layer normalisation of a name. */
export const normOf = (parameter: Parameter, epsilon: number) => (x: Tensor, name: string) =>
  layerNorm(x, parameter(`${name}.weight`), parameter(`${name}.bias`), epsilon);

/** The linear layer of a name, whose weight may be int8. @param inputFirst whether weights are [in, out] */
export const linearOf =
  (parameter: Parameter, { inputFirst = false } = {}) =>
  (x: Tensor, name: string, hasBias = true): Tensor => {
    const weight = parameter(`${name}.weight`);
    const bias = hasBias ? parameter(`${name}.bias`) : undefined;
    if (isInt8(weight)) return linearInt8(x, weight, parameter(scaleName(`${name}.weight`)), bias);
    if (!inputFirst) return linear(x, weight, bias);
    const y = matmul(x, weight);
    return bias ? add(y, bias) : y;
  };

/** @throws Error if there are more tokens than the context */
export function refuseLonger(model: string, length: number, context: number): void {
  if (length > context)
    throw new Error(`${model}: ${length} tokens exceed the context of ${context}`);
}

/** [B·T, H·d] → [B, H, T, d] */
export function toHeads(
  x: Tensor,
  [batch, length]: readonly [number, number],
  heads: number,
): Tensor {
  const width = x.shape[1]! / heads;
  return transpose(reshape(x, [batch, length, heads, width]), [0, 2, 1, 3]);
}

/** softmax(q kᵀ / √d + mask) v (Vaswani et al. 2017, eq. 1): each [B, H, T, d] → [B·T, H·d] */
export const attention = (q: Tensor, k: Tensor, v: Tensor, mask: Tensor): Tensor =>
  fromHeads(mixed(q, k, v, mask));

/** Queries that are taken together need no keys after the last of them. */
const QUERIES = { atLeast: 64, blocks: 4 };

/**
 * {@link attention} where no token sees those after it. Blocks of queries meet the keys up to their end only,
 * which leaves out three eighths of the scores.
 */
export function causalAttention(
  graph: Graph,
  length: number,
): (q: Tensor, k: Tensor, v: Tensor) => Tensor {
  const size = Math.max(QUERIES.atLeast, Math.ceil(length / QUERIES.blocks));
  const blocks: { start: number; end: number; mask: Tensor }[] = [];
  for (let start = 0; start < length; start += size) {
    const end = Math.min(length, start + size);
    blocks.push({ start, end, mask: causalMask(graph, start, end) });
  }
  const part = (x: Tensor, start: number, end: number) =>
    end - start === length ? x : slice(x, 2, start, end);
  return (q, k, v) => {
    const parts = blocks.map(({ start, end, mask }) =>
      mixed(part(q, start, end), part(k, 0, end), part(v, 0, end), mask),
    );
    return fromHeads(parts.length > 1 ? concat(parts, 2) : parts[0]!);
  };
}

/** What is added to the scores of queries from `start` to before `end` [end − start, end]: −10⁹ where the key comes after. */
function causalMask(graph: Graph, start: number, end: number): Tensor {
  const rows = end - start;
  const mask = new Float32Array(rows * end);
  for (let row = 0; row < rows; row++)
    mask.fill(-1e9, row * end + start + row + 1, (row + 1) * end);
  return graph.constant(mask, [rows, end]);
}

/** Queries [B, H, Q, d] on keys and values [B, H, T, d] → [B, H, Q, d] */
function mixed(q: Tensor, k: Tensor, v: Tensor, mask: Tensor): Tensor {
  const scores = matmul(q, k, { transposeB: true, scale: q.shape[3]! ** -0.5 });
  return matmul(softmax(add(scores, mask)), v);
}

/** [B, H, T, d] → [B·T, H·d] */
function fromHeads(x: Tensor): Tensor {
  const [batch, heads, length, width] = x.shape as [number, number, number, number];
  return reshape(transpose(x, [0, 2, 1, 3]), [batch * length, heads * width]);
}
