import {
  add,
  type Graph,
  isInt8,
  layerNorm,
  linear,
  linearInt8,
  matmul,
  reshape,
  type Shape,
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

/** What is added to attention scores [T, T]: −10⁹ where the key comes after the query. */
export function causalMask(graph: Graph, length: number): Tensor {
  const causal = new Float32Array(length * length);
  for (let i = 0; i < length; i++) causal.fill(-1e9, i * length + i + 1, (i + 1) * length);
  return graph.constant(causal, [length, length]);
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
export function attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor): Tensor {
  const [batch, heads, length, width] = q.shape as [number, number, number, number];
  const scores = matmul(q, k, { transposeB: true, scale: width ** -0.5 });
  const mixed = matmul(softmax(add(scores, mask)), v); // [B, H, T, d]
  return reshape(transpose(mixed, [0, 2, 1, 3]), [batch * length, heads * width]);
}
