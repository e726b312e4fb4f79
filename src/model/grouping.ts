import {
  add,
  linear,
  matmul,
  reshape,
  scale,
  softmax,
  type Tensor,
  transpose,
} from "../graph/index.js";
import { dense, norm, transformerLayer } from "./attention.js";
import type { Parameters } from "./parameters.js";

/**
 * One grouping layer (Zhang et al. 2025): trainable centroids U_c attend over the tokens U,
 * `softmax(U_c W_Q (U W_K)ᵀ / √d_k) U W_V`. tokens [B, T, D] → [B, centroids, d].
 *
 * The products are taken in another order with the same result: U_c W_Q W_Kᵀ first, and the mixture
 * of tokens before W_V. T tokens then meet a few centroids instead of two square matrices, which
 * saves two thirds of the work for T = 512.
 * @param mask [B, 1, T], 0 where a token counts and very negative where not
 */
export function grouping(
  parameters: Parameters,
  name: string,
  tokens: Tensor,
  { centroids, width, mask }: { centroids: number; width: number; mask?: Tensor },
): Tensor {
  const [batch, length, depth] = tokens.shape as [number, number, number];
  const centroid = parameters.get(`${name}.centroids`, [centroids, width], { deviation: 1 });
  const query = parameters.get(`${name}.query`, [width, width], { deviation: width ** -0.5 });
  const key = parameters.get(`${name}.key`, [depth, width], { deviation: depth ** -0.5 });
  const keyed = linear(linear(centroid, query), key); // U_c W_Qᵀ W_Kᵀ: [n, D]
  const scaled = scale(keyed, width ** -0.5);
  const scores = linear(reshape(tokens, [batch * length, depth]), scaled); // [B·T, n]
  const perCentroid = transpose(reshape(scores, [batch, length, centroids]), [0, 2, 1]); // [B, n, T]
  const weights = softmax(mask ? add(perCentroid, mask) : perCentroid);
  return dense(parameters, `${name}.value`, matmul(weights, tokens), width);
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
  let x = norm(parameters, `${name}.norm`, tokens);
  settings.centroids.forEach((centroids, layer) => {
    const at = `${name}.${layer}`;
    if (layer > 0)
      for (let i = 0; i < settings.selfAttention; i++)
        x = transformerLayer(parameters, `${at}.self${i}`, x, heads);
    x = grouping(parameters, at, x, { centroids, width, ...(layer === 0 && { mask }) });
  });
  return norm(parameters, `${name}.out`, x);
}
