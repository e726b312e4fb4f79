import { crossEntropy, type Graph, linear, reshape, sizeOf, type Tensor } from "../graph/index.js";
import type { LanguageModel, Parameter } from "./architecture.js";

/** Next-token logits of the normalised last states: [B·T, D] → [B·T, V], tied to the embedding. */
export const nextTokenLogits = (
  model: LanguageModel,
  parameter: Parameter,
  states: Tensor,
): Tensor => linear(states, parameter(model.outputLayer!));

/**
 * Mean cross-entropy of the next token, weighted: adds the inputs ids, targets and weights, [B, T] each.
 * The model's output layer is tied.
 */
export function nextTokenLoss(
  model: LanguageModel,
  parameter: Parameter,
  graph: Graph,
  shape: readonly [batch: number, length: number],
): Tensor {
  const rows = [sizeOf(shape)];
  const ids = graph.input("ids", shape, "int32");
  const targets = reshape(graph.input("targets", shape, "int32"), rows);
  const weights = reshape(graph.input("weights", shape), rows);
  const logits = nextTokenLogits(model, parameter, model.states(parameter, ids).at(-1)!);
  return crossEntropy(logits, targets, weights);
}
