import type { Labels } from "../base/labels.js";
import { logLoss } from "../evaluation/index.js";
import { denseRows, fitLogisticRegression, probabilitiesOf } from "../shallow/index.js";
import { leastOf } from "./choose.js";
import { type FeatureRows, fitStandardisation, rowOf } from "./features.js";

/** Inverse strengths of the penalty that validation trials choose from. */
const STRENGTHS = [0.01, 0.1, 1, 10];
/** Where there are none: scikit-learn's default. */
const FIXED = 1;

/**
 * Logistic regression on columns brought to mean 0 and variance 1 / columns by the pool, so that C means
 * the same for every width. C comes from the validation rows, by log loss.
 * @returns rows → P(1)
 */
export function fitDenseRegression(
  training: FeatureRows,
  labels: Labels,
  validation: { readonly rows: FeatureRows; readonly labels: Labels } | undefined,
  pool = training,
): (rows: FeatureRows) => Float64Array {
  const standardise = fitStandardisation(pool);
  const prepare = (some: FeatureRows) => {
    const { x, rows, columns } = standardise(some);
    const scaled = { x: x.map((value) => value * columns ** -0.5), rows, columns };
    return denseRows(Array.from({ length: rows }, (_, row) => rowOf(scaled, row)));
  };
  const x = prepare(training);
  const validX = validation && prepare(validation.rows);
  const models = (validation ? STRENGTHS : [FIXED]).map((c) => fitLogisticRegression(x, labels, c));
  const model = validation
    ? leastOf(models, (one) => logLoss(validation.labels, probabilitiesOf(one, validX!)))
    : models[0]!;
  return (rows) => probabilitiesOf(model, prepare(rows));
}
