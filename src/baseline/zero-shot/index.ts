/**
 * Rankings without fitting: what the matching score of criteria and drug-disease must beat before it
 * says anything.
 */
import { allPositive } from "./all-positive.js";
import { diseaseBaseRate, drugBaseRate } from "./base-rate.js";
import { criteriaLength } from "./criteria-length.js";
import { knownSuccessTfIdf } from "./known-success-tf-idf.js";
import { llm } from "./llm.js";
import { nearestSuccessful } from "./nearest-successful.js";
import { perplexity } from "./perplexity.js";
import { random } from "./random.js";
import type { Ranker } from "./ranker.js";

export { completionsUrl } from "./chat.js";
export { fitKnownSuccess } from "./known-success-tf-idf.js";
export { LLM_DEFAULTS, type LlmOptions, type LlmReport, noLlm } from "./llm.js";
export type { RankContext, RankedTrial, Ranker, Ranking, SuccessfulTrial } from "./ranker.js";

export const RANKERS: readonly Ranker[] = [
  allPositive,
  random,
  drugBaseRate,
  diseaseBaseRate,
  criteriaLength,
  perplexity,
  nearestSuccessful,
  knownSuccessTfIdf,
  llm,
];
