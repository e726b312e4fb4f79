/**
 * Evaluation: figures of merit on scores, bootstrap intervals, calibration, and the table that shows them
 * beside "always yes".
 */
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
