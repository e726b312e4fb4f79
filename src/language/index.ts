/** Language branch: eligibility criteria → one layout → tokens. */
export { SPECIAL_TOKENS, type TokenizerJson, trainBpe } from "./bpe.js";
export { normaliseCriteria } from "./normalise.js";
export { Tokenizer } from "./tokenizer.js";
