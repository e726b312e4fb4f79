/**
 * Language branch: eligibility criteria → one layout → tokens → hidden states, kept on disk; and the
 * n-gram models that a language model must beat.
 */
export { SPECIAL_TOKENS, type TokenizerJson, trainBpe } from "./bpe.js";
export { NgramModel, type NgramOptions } from "./ngram.js";
export { normaliseCriteria } from "./normalise.js";
export { HiddenStateStore, type HiddenStates } from "./store.js";
export { Tokenizer } from "./tokenizer.js";
