/**
 * Language branch: eligibility criteria → tokens → hidden states, kept on disk; and the
 * n-gram models that a language model must beat.
 */
export { parameterInputs } from "./architecture.js";
export { type BioGptConfig, bioGpt } from "./biogpt.js";
export { SPECIAL_TOKENS, type TokenizerJson, trainBpe } from "./bpe.js";
export { checkpointFiles, countBlocks } from "./checkpoint.js";
export { chunksOf, encodeChunk, encodeThroughStore, type Texts } from "./chunk.js";
export { type Encoder, loadEncoder, type Yielding } from "./encoder.js";
export { type FoundEncoder, isHubName, resolveEncoder } from "./hub.js";
export type { Level } from "./level.js";
export { type LikelihoodScorer, loadLikelihood } from "./likelihood.js";
export { nextTokenLoss } from "./loss.js";
export { NgramModel, type NgramOptions } from "./ngram.js";
export type { HiddenStates } from "./shard.js";
export { HiddenStateStore } from "./store.js";
export { Tokenizer } from "./tokenizer.js";
export { type Window, windowsOf } from "./window.js";
