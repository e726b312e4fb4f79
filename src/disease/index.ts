// Diseases: conditions and ICD-10 codes → tokens of the code hierarchy.
// readConditions loads the vocabulary of condition names, resolveDiseases gives a trial's tokens
// from chapter to code; ancestors does so for one code, and CHAPTERS is the hierarchy itself.
export { ancestors, normaliseCode } from "./icd10.js";
export { CHAPTERS, type Chapter, type CodeRange, titleOf } from "./icd10-blocks.js";
export { conditionKey } from "./name.js";
export {
  type ConditionTokens,
  MAX_TOKENS,
  type ResolvedDiseases,
  resolveDiseases,
} from "./resolve.js";
export {
  type ConditionVocabulary,
  type NamedCondition,
  readConditions,
  SHIPPED_CONDITIONS,
} from "./vocabulary.js";
