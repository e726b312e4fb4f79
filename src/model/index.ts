// CLaDMoP: grouping blocks over the language model's hidden states, the drug-molecule branch they
// are fused into, pair matching, LoRA and the prediction head; and a trial as the numbers it reads.

export { attention, dense, norm } from "./attention.js";
export * from "./branch.js";
export * from "./cladmop.js";
export * from "./config.js";
export * from "./ensemble.js";
export * from "./features.js";
export * from "./grouper.js";
export * from "./language.js";
export * from "./matcher.js";
export * from "./model-file.js";
export * from "./molecule-inputs.js";
export * from "./parameters.js";
export * from "./prediction.js";
export * from "./shallow-input.js";
export { PADDING, wholeSequences } from "./tokens.js";
