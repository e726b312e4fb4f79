import {
  add,
  binaryCrossEntropy,
  concat,
  crossEntropy,
  divide,
  expand,
  log,
  matmul,
  multiply,
  normalise,
  reshape,
  scale,
  shift,
  square,
  sum,
  type Tensor,
} from "../../graph/index.js";
import { PADDING } from "../../model/index.js";
import { meanOf, type Output } from "./model.js";
import { SETTINGS } from "./settings.js";

/**
 * Cross-entropy + ρ₁ Σ Cauchy losses of the experts + ρ₂ contrastive loss, as in the repository. Its
 * option to weigh successes by failures / successes is left out, so that P(success) is one. → []
 * @param labels [B]
 * @param weights [B] 0 where a row does not count
 */
export function jointLoss({ logits, experts }: Output, labels: Tensor, weights: Tensor): Tensor {
  const [batch] = weights.shape as [number];
  const perToken = reshape(weights, [batch, 1]);
  const sparsity = experts
    .map(({ probability, present }) =>
      cauchyLoss(probability, multiply(present, perToken), SETTINGS.epsilon),
    )
    .reduce(add);
  const means = experts.map(({ output }) => meanOf(output));
  const stacked = concat(
    means.map((mean) => reshape(mean, [batch, 1, mean.shape[1]!])),
    1,
  );
  const agreement = contrastiveLoss(stacked, weights, SETTINGS.temperature);
  return add(
    binaryCrossEntropy(logits, labels, weights),
    add(scale(sparsity, SETTINGS.cauchyWeight), scale(agreement, SETTINGS.contrastiveWeight)),
  );
}

/**
 * Cauchy loss, mean of ln(1 + (p / ε)²): makes selection sparse, with a pull that fades for large
 * probabilities. p [B, N] → []
 * @param weights [B, N] 0 where a token does not count
 */
export function cauchyLoss(p: Tensor, weights: Tensor, epsilon: number): Tensor {
  const each = log(shift(square(scale(p, 1 / epsilon)), 1));
  return divide(sum(multiply(each, weights)), sum(weights));
}

/**
 * Contrastive loss NT-Xent (Chen et al. 2020, eq. 1) among the experts of a trial, by cosine over τ:
 * experts 2k and 2k + 1 read the same two modes, one in each direction, and shall agree; all others
 * are the negatives. experts [B, E, d] → []
 *
 * Partners are those of the repository. The rest is ours, as NT-Xent was published: there tokens of
 * two experts are paired at random and the softmax is over tokens, which asks for equal similarities
 * rather than high ones.
 * @param weights [B] 0 where a trial does not count
 */
export function contrastiveLoss(experts: Tensor, weights: Tensor, temperature: number): Tensor {
  const { graph } = experts;
  const [batch, count] = experts.shape as [number, number, number];
  const unit = normalise(experts);
  const similarity = matmul(unit, unit, { transposeB: true, scale: 1 / temperature }); // [B, E, E]
  const itself = Float32Array.from({ length: count ** 2 }, (_, i) =>
    i % (count + 1) === 0 ? PADDING : 0,
  );
  const logits = add(similarity, graph.constant(itself, [count, count]));
  const partners = Int32Array.from({ length: batch * count }, (_, i) => (i % count) ^ 1);
  return crossEntropy(
    reshape(logits, [batch * count, count]),
    graph.constant(partners, [batch * count]),
    reshape(expand(reshape(weights, [batch, 1]), [batch, count]), [batch * count]),
  );
}
