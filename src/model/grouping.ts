import {
  add,
  layerNorm,
  linear,
  matmul,
  multiply,
  reshape,
  scale,
  softmax,
  type Tensor,
  transpose,
} from "../graph/index.js";
import { dense, norm, normParameters, transformerLayer } from "./attention.js";
import type { Parameters } from "./parameters.js";

/**
 * One grouping layer (Zhang et al. 2025): trainable centroids U_c attend over the tokens U,
 * `softmax(U_c W_Q (U W_K)ᵀ / √d_k) U W_V`. tokens [B, T, D] → [B, centroids, d].
 *
 * The products are taken in another order with the same result: U_c W_Q W_Kᵀ first, and the mixture
 * of tokens before W_V. T tokens then meet a few centroids instead of two square matrices, which
 * saves two thirds of the work for T = 512.
 * @param mask [B, 1, T], 0 where a token counts and very negative where not
 * @param affine gain and bias [D] of tokens that were normalised without them. They are applied to the
 *   centroids and to the mixture, of which there are few: T tokens then need no gradient. (The bias adds
 *   the same to all scores of a centroid, which a softmax does not see.)
 */
export function grouping(
  parameters: Parameters,
  name: string,
  tokens: Tensor,
  {
    centroids,
    width,
    mask,
    affine,
  }: {
    centroids: number;
    width: number;
    mask?: Tensor;
    affine?: { readonly gain: Tensor; readonly bias: Tensor };
  },
): Tensor {
  const [batch, length, depth] = tokens.shape as [number, number, number];
  const centroid = parameters.get(`${name}.centroids`, [centroids, width], { deviation: 1 });
  const query = parameters.get(`${name}.query`, [width, width], { deviation: width ** -0.5 });
  const key = parameters.get(`${name}.key`, [depth, width], { deviation: depth ** -0.5 });
  const keyed = linear(linear(centroid, query), key); // U_c W_Qᵀ W_Kᵀ: [n, D]
  const scaled = scale(affine ? multiply(keyed, affine.gain) : keyed, width ** -0.5);
  const scores = linear(reshape(tokens, [batch * length, depth]), scaled); // [B·T, n]
  const perCentroid = transpose(reshape(scores, [batch, length, centroids]), [0, 2, 1]); // [B, n, T]
  const weights = softmax(mask ? add(perCentroid, mask) : perCentroid);
  const mixed = matmul(weights, tokens);
  const mixture = affine ? add(multiply(mixed, affine.gain), affine.bias) : mixed;
  return dense(parameters, `${name}.value`, mixture, width);
}

/**
 * The grouping block of one level: grouping layers of ever fewer centroids with self-attention
 * layers between them. tokens [B, T, D] → [B, centroids of the last layer, d].
 */
export function groupingBlock(
  parameters: Parameters,
  name: string,
  tokens: Tensor,
  mask: Tensor,
  settings: {
    readonly centroids: readonly number[];
    readonly selfAttention: number;
    readonly width: number;
    readonly heads: number;
  },
): Tensor {
  const { width, heads } = settings;
  const { graph } = tokens;
  const depth = tokens.shape[2]!;
  const of = (value: number) => graph.constant(new Float32Array(depth).fill(value), [depth]);
  const affine = normParameters(parameters, `${name}.norm`, depth);
  let x = layerNorm(tokens, of(1), of(0));
  settings.centroids.forEach((centroids, layer) => {
    const at = `${name}.${layer}`;
    if (layer > 0)
      for (let i = 0; i < settings.selfAttention; i++)
        x = transformerLayer(parameters, `${at}.self${i}`, x, heads);
    x = grouping(parameters, at, x, { centroids, width, ...(layer === 0 && { mask, affine }) });
  });
  return norm(parameters, `${name}.out`, x);
}
