/**
 * Evaluation: figures of merit on scores, bootstrap intervals, calibration, the table that shows them
 * beside "always yes", and the TF-IDF baselines every model has to beat.
 */
export {
  fitLogisticRegression,
  type LogisticRegression,
  logitsOf,
  probabilitiesOf,
} from "./baseline/logistic-regression.js";
export type { SparseRows } from "./baseline/sparse.js";
export { applyTfIdf, fitTfIdf, type TfIdf, type TfIdfOptions } from "./baseline/tfidf.js";
export { type BootstrapOptions, type Interval, interval } from "./bootstrap.js";
export {
  applyTemperature,
  expectedCalibrationError,
  fitTemperature,
  type ReliabilityBin,
  reliabilityBins,
} from "./calibration.js";
export { type Evaluation, evaluate, evaluateAllPositive } from "./evaluate.js";
export {
  averagePrecision,
  bestF1Threshold,
  binarisedAveragePrecision,
  brier,
  decide,
  f1,
  type Labels,
  logLoss,
  type Metric,
  rocAuc,
  type Scores,
} from "./metrics.js";
export { evaluationTable } from "./table.js";
