/**
 * Evaluation: figures of merit on scores with their intervals, calibration, curves, tests of two methods on
 * the same trials, figures of parts of the trials, and the table that shows a model beside "always yes".
 */
export { type BootstrapOptions, type Interval, interval } from "./bootstrap.js";
export {
  applyTemperature,
  expectedCalibrationError,
  fitTemperature,
  type ReliabilityBin,
  reliabilityBins,
} from "./calibration.js";
export { type Point, precisionRecallCurve, rocCurve } from "./curves.js";
export { type DecisionPoint, decisionCurve } from "./decision-curve.js";
export { delong, delongTest, type RocAucEstimate, type RocAucTest } from "./delong.js";
export { type Evaluation, evaluate, evaluateAllPositive } from "./evaluate.js";
export { holm } from "./holm.js";
export {
  accuracy,
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
export {
  type ComparisonPlan,
  minimalDifference,
  plannedStandardError,
} from "./minimal-difference.js";
export { type PairedDifference, pairedBootstrap } from "./paired-bootstrap.js";
export { figuresBySubgroup, type Groups, type SubgroupFigures } from "./subgroups.js";
export { evaluationTable } from "./table.js";
