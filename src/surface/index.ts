/**
 * The surface level: what the eligibility criteria show without being understood (n-grams of
 * characters and words, length, layout), as a calibrated logit of success. Its parts, TF-IDF with
 * logistic regression, are also the baselines that every model has to beat.
 */
export {
  fitLogisticRegression,
  type LogisticRegression,
  logitsOf,
  probabilitiesOf,
} from "./logistic-regression.js";
export type { Logits } from "./models.js";
export type { SparseRows } from "./sparse.js";
export { fitSurface, SurfaceLevel } from "./surface-level.js";
export { applyTfIdf, fitTfIdf, type TfIdf, type TfIdfOptions } from "./tfidf.js";
