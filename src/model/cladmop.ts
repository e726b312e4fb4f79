import {
  add,
  concat,
  crossEntropy,
  exp,
  expand,
  linear,
  matmul,
  multiply,
  normalise,
  relu,
  reshape,
  scale,
  type Tensor,
  tanh,
  transpose,
} from "../graph/index.js";
import { dense } from "./attention.js";
import { branch, classTokens, moleculeTokens, type Tables } from "./branch.js";
import type { ModelConfig } from "./config.js";
import { groupingBlock } from "./grouping.js";
import type { MoleculeInputs } from "./molecule-inputs.js";
import type { Parameters } from "./parameters.js";

/** The language branch: hidden states [B, T, D] of each level → grouped tokens [B, K, d] of each. */
export function groupLevels(
  parameters: Parameters,
  config: ModelConfig,
  states: readonly Tensor[],
  mask: Tensor,
): Tensor[] {
  return states.map((level, i) => groupingBlock(parameters, `language.${i}`, level, mask, config));
}

/**
 * f_C, the criteria's side of a pair: the branch reads the grouped language tokens with its class
 * token alone, so that no drug or disease enters. [B, d]
 *
 * This is how the shortcut is prevented (a trap of the method): both sides of a pair pass the
 * same branch, and each sees its own modality only. If f_DM attended to the criteria of its own
 * pair, the loss could be solved by comparing the criteria with themselves; here criteria that are
 * shuffled within a batch leave matching at chance, which a test holds us to. Every part of the
 * branch is trained all the same: fusion through f_C, molecules and diseases through f_DM.
 */
export function criteriaSide(
  parameters: Parameters,
  config: ModelConfig,
  language: readonly Tensor[],
  adapt = false,
): Tensor {
  const alone = classTokens(parameters, config.width, language[0]!.shape[0]!);
  return branch(parameters, config, alone, undefined, language, adapt);
}

/** f_DM, the drugs' and diseases' side of a pair: the branch without language tokens. [B, d] */
export function moleculeSide(
  parameters: Parameters,
  config: ModelConfig,
  tables: Tables,
  inputs: MoleculeInputs,
): Tensor {
  const tokens = moleculeTokens(parameters, config, tables, inputs);
  return branch(parameters, config, tokens, inputs.mask, undefined, false);
}

/** Both sides on the unit sphere of the space they are compared in: [B, d] each. */
export function matchingPair(
  parameters: Parameters,
  config: ModelConfig,
  criteria: Tensor,
  molecules: Tensor,
): [criteria: Tensor, molecules: Tensor] {
  return [
    normalise(dense(parameters, "match.criteria", criteria, config.width)),
    normalise(dense(parameters, "match.molecules", molecules, config.width)),
  ];
}

/**
 * Pair matching: symmetric InfoNCE of `exp(τ) f_C f_DMᵀ` (Zhang et al. 2025). → []
 * @param repeats [B, B], very negative where two trials of the batch have the same drugs and
 *   diseases, so that a right answer does not count as a wrong one; 0 elsewhere
 */
export function matchingLoss(
  parameters: Parameters,
  config: ModelConfig,
  [criteria, molecules]: readonly [Tensor, Tensor],
  repeats: Tensor,
): Tensor {
  const { graph } = criteria;
  const batch = criteria.shape[0]!;
  const cosines = matmul(criteria, molecules, { transposeB: true });
  const logits = add(multiply(cosines, logitScale(parameters, config)), repeats);
  const own = graph.constant(
    Int32Array.from({ length: batch }, (_, i) => i),
    [batch],
  );
  const equal = graph.constant(new Float32Array(batch).fill(1), [batch]);
  const rows = crossEntropy(logits, own, equal);
  const columns = crossEntropy(transpose(logits, [1, 0]), own, equal);
  return scale(add(rows, columns), 0.5);
}

/**
 * How much the criteria of each trial, and its drugs and diseases, look like those of a success: two
 * scores, each from −exp(τ) to exp(τ). → [B] each
 *
 * Not in the paper, whose matching asks which drugs the criteria belong to, and is at chance about success
 * on phase I (see docs/results.md). Each side is scored and bounded by itself, or the drugs that
 * pre-training has seen would outshout the criteria.
 * @param sides states of both sides before they are matched: [B, d] each
 */
export function successScores(
  parameters: Parameters,
  config: ModelConfig,
  sides: readonly [criteria: Tensor, molecules: Tensor],
): [criteria: Tensor, molecules: Tensor] {
  const score = (name: string, side: Tensor) => {
    const bounded = tanh(dense(parameters, `match.success.${name}`, side, 1));
    return multiply(reshape(bounded, [side.shape[0]!]), logitScale(parameters, config));
  };
  return [score("criteria", sides[0]), score("molecules", sides[1])];
}

/** Whether a parameter is one that {@link successScores} needs and the prediction does not. */
export const isRanking = (name: string): boolean =>
  name.startsWith("match.success.") || name === "match.logitScale";

/**
 * Ranking of success: each trial known to be successful should score above the trials of which that is
 * not known, by either side, as cross-entropy. → []
 * @param scores [B] each, see {@link successScores}
 * @param rivals [B, B], 0 on the diagonal and where row i is known to be successful and column j is
 *   not, very negative elsewhere
 * @param counts [B], 1 for the rows that count and 0 for others
 */
export function rankingLoss(
  scores: readonly [criteria: Tensor, molecules: Tensor],
  rivals: Tensor,
  counts: Tensor,
): Tensor {
  const { graph } = rivals;
  const [batch] = rivals.shape as [number];
  const own = graph.constant(
    Int32Array.from({ length: batch }, (_, i) => i),
    [batch],
  );
  const losses = scores.map((side) => {
    const logits = add(expand(reshape(side, [1, batch]), [batch, batch]), rivals);
    return crossEntropy(logits, own, counts);
  });
  return scale(losses.reduce(add), 0.5);
}

const logitScale = (parameters: Parameters, config: ModelConfig): Tensor =>
  exp(parameters.get("match.logitScale", [], { value: config.logitScale }));

/**
 * Fine-tuned prediction: the branch with fusion, LoRA on all its attention layers, and both sides of
 * the pair, into a residual head of three layers with ReLU. → logits [B]
 *
 * With a shallow level (see src/shallow) its calibrated logit is added, times a learned factor that
 * starts at one: the head learns what the shallow level does not know.
 * @param adapt whether LoRA is added; not where it is part of the parameters
 * @param keep [B, 4 d] dropout mask on the head's input, kept entries 1 / (1 − p)
 */
export function predict(
  parameters: Parameters,
  config: ModelConfig,
  tables: Tables,
  language: readonly Tensor[],
  inputs: MoleculeInputs,
  { adapt, shallow, keep }: { adapt: boolean; shallow?: Tensor; keep?: Tensor },
): Tensor {
  const { batch } = inputs.places;
  const tokens = moleculeTokens(parameters, config, tables, inputs);
  const fused = branch(parameters, config, tokens, inputs.mask, language, adapt);
  const [criteria, molecules] = matchingPair(
    parameters,
    config,
    criteriaSide(parameters, config, language, adapt),
    branch(parameters, config, tokens, inputs.mask, undefined, adapt), // the molecules' side
  );
  const unit = Math.sqrt(config.width); // entries of size one, as those of the normalised state
  const agreement = scale(multiply(criteria, molecules), unit * unit);
  const all = concat([fused, scale(criteria, unit), scale(molecules, unit), agreement], 1);
  let x = dense(parameters, "head.0", keep ? multiply(all, keep) : all, config.width);
  for (const layer of ["head.1", "head.2"])
    x = add(x, relu(dense(parameters, layer, x, config.width)));
  // Starts at zero, so that the first prediction is the shallow level's, or the base rate.
  const weight = parameters.get("head.out.weight", [1, config.width], { value: 0 });
  const bias = parameters.get("head.out.bias", [1], { value: 0 });
  const logits = reshape(linear(x, weight, bias), [batch]);
  if (!shallow) return logits;
  const trust = parameters.get("head.shallow", [], { value: 1 });
  return add(logits, multiply(shallow, trust));
}
