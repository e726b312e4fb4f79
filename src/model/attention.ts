import {
  add,
  gelu,
  layerNorm,
  linear,
  matmul,
  reshape,
  scale,
  softmax,
  type Tensor,
  transpose,
} from "../graph/index.js";
import type { Parameters } from "./parameters.js";
import { placed, type Tokens, taken, wholeSequences } from "./tokens.js";

/** Low-rank adaptation of the attention layers (Hu et al. 2021): W + (α / r) B A. */
export interface Lora {
  readonly rank: number;
  readonly alpha: number;
}

/** x Wᵀ + b on [..., in] → [..., out]. */
export function dense(parameters: Parameters, name: string, x: Tensor, out: number): Tensor {
  const input = x.shape.at(-1)!;
  const weight = parameters.get(`${name}.weight`, [out, input], { deviation: input ** -0.5 });
  const bias = parameters.get(`${name}.bias`, [out], { value: 0 });
  return overRows(x, (rows) => linear(rows, weight, bias));
}

/** Layer normalisation over the last axis. */
export function norm(parameters: Parameters, name: string, x: Tensor): Tensor {
  const { gain, bias } = normParameters(parameters, name, x.shape.at(-1)!);
  return layerNorm(x, gain, bias);
}

/** Gain and bias [D] of a layer normalisation. */
export const normParameters = (parameters: Parameters, name: string, width: number) => ({
  gain: parameters.get(`${name}.weight`, [width], { value: 1 }),
  bias: parameters.get(`${name}.bias`, [width], { value: 0 }),
});

/**
 * Multi-head attention of queries x [R, d] on the tokens of a context [Q, d] → [R, d].
 * @param mask [B, 1, 1, M], 0 where a place of the context counts and very negative where not
 */
export function attention(
  parameters: Parameters,
  name: string,
  x: Tokens,
  context: Tokens,
  { heads, mask, lora }: { heads: number; mask?: Tensor; lora?: Lora | undefined },
): Tensor {
  const width = x.rows.shape[1]!;
  const project = (part: string, from: Tensor) => {
    const projected = dense(parameters, `${name}.${part}`, from, width);
    return lora
      ? add(projected, lowRank(parameters, `${name}.${part}`, from, width, lora))
      : projected;
  };
  // A token that is alone, with its own kind or in its context, has nothing to choose from: it gets that one's value.
  if (!mask && context.places.length === 1 && x.places.length === 1)
    return project("out", project("value", context.rows));
  const toHeads = (part: string, { rows, places }: Tokens) => {
    const { batch, length } = places;
    const sequences = placed({ rows: project(part, rows), places });
    // Of sequences of one token, the heads follow one another either way.
    if (length === 1) return reshape(sequences, [batch, heads, 1, width / heads]);
    return transpose(reshape(sequences, [batch, length, heads, width / heads]), [0, 2, 1, 3]);
  };
  const q = toHeads("query", x); // [B, H, N, d/H]
  const k = toHeads("key", context); // [B, H, M, d/H]
  const v = toHeads("value", context);
  const scores = matmul(q, k, { transposeB: true, scale: (width / heads) ** -0.5 }); // [B, H, N, M]
  const mixed = matmul(softmax(mask ? add(scores, mask) : scores), v);
  const { batch, length } = x.places;
  const inOrder = length === 1 ? mixed : transpose(mixed, [0, 2, 1, 3]);
  const joined = reshape(inOrder, [batch, length, width]);
  return project("out", taken(joined, x.places));
}

/** Self-attention and a feed-forward layer of four times the width, each normalised before: [B, N, d]. */
export function transformerLayer(
  parameters: Parameters,
  name: string,
  x: Tensor,
  heads: number,
): Tensor {
  const normed = wholeSequences(norm(parameters, `${name}.norm1`, x));
  const mixed = attention(parameters, `${name}.attention`, normed, normed, { heads });
  return feedForward(parameters, name, add(x, reshape(mixed, x.shape)));
}

/** x + W₂ gelu(W₁ norm(x)). */
export function feedForward(parameters: Parameters, name: string, x: Tensor): Tensor {
  const width = x.shape.at(-1)!;
  const inner = dense(parameters, `${name}.inner`, norm(parameters, `${name}.norm2`, x), 4 * width);
  return add(x, dense(parameters, `${name}.outer`, gelu(inner), width));
}

/** (α / r) x Aᵀ Bᵀ; B starts at zero, so that adaptation starts from the pre-trained layer. */
function lowRank(
  parameters: Parameters,
  name: string,
  x: Tensor,
  out: number,
  { rank, alpha }: Lora,
): Tensor {
  const input = x.shape.at(-1)!;
  const a = parameters.get(`${name}.lora.a`, [rank, input], { deviation: input ** -0.5 });
  const b = parameters.get(`${name}.lora.b`, [out, rank], { value: 0 });
  return overRows(x, (rows) => scale(linear(linear(rows, a), b), alpha / rank));
}

/** Applies a function of rows [N, in] → [N, out] to [..., in]. */
function overRows(x: Tensor, apply: (rows: Tensor) => Tensor): Tensor {
  const input = x.shape.at(-1)!;
  const leading = x.shape.slice(0, -1);
  const rows = apply(reshape(x, [leading.reduce((n, size) => n * size, 1), input]));
  return reshape(rows, [...leading, rows.shape[1]!]);
}
