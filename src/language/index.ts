/**
 * Language branch: eligibility criteria → tokens → hidden states, kept on disk; and the
 * n-gram models that a language model must beat.
 */
export {
  type BioGptConfig,
  bioGptLogits,
  bioGptLoss,
  bioGptParameters,
  bioGptStates,
  parameterInputs,
} from "./biogpt.js";
export { SPECIAL_TOKENS, type TokenizerJson, trainBpe } from "./bpe.js";
export { type Checkpoint, countBlocks, readCheckpoint } from "./checkpoint.js";
export { type Encoder, type Level, loadEncoder } from "./encoder.js";
export { type FoundEncoder, isHubName, resolveEncoder } from "./hub.js";
export { type LikelihoodScorer, loadLikelihood } from "./likelihood.js";
export { NgramModel, type NgramOptions } from "./ngram.js";
export { HiddenStateStore, type HiddenStates } from "./store.js";
export { Tokenizer } from "./tokenizer.js";
export { type Window, windowsOf } from "./window.js";
