import { type Labels, positivesOfBoth } from "../base/labels.js";
import { type SparseRows, timesVector, transposedTimesVector } from "./sparse.js";

export interface LogisticRegression {
  /** One weight a column. */
  readonly weights: Float64Array;
  readonly intercept: number;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
/** ln(1 + eˣ) without overflow. */
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** a + scale b */
const plus = (a: Float64Array, scale: number, b: Float64Array) =>
  a.map((x, i) => x + scale * b[i]!);

/**
 * The minimum of ½ |w|² + C Σ log loss; the intercept is not penalised (scikit-learn's
 * `LogisticRegression`). Newton's method, each step solved by conjugate gradients (Nocedal and Wright
 * 2006, algorithm 7.1), until the gradient is smaller than 1e-9 of its start.
 * @param offsets logits to start from, one a row: the model learns what they do not say
 * @throws InputError if a label is not 0 or 1 or all are the same.
 */
export function fitLogisticRegression(
  features: SparseRows,
  labels: Labels,
  c = 1,
  offsets?: Float64Array,
): LogisticRegression {
  positivesOfBoth(labels);
  const { rows, columns } = features;
  const start = new Float64Array(columns + 1); // the intercept comes last

  const scoresOf = (v: Float64Array) => timesVector(features, v).map((x) => x + v[columns]!);
  /** C [X 1]ᵀ u + v without v's intercept. */
  const pullBack = (u: Float64Array, v: Float64Array) => {
    const result = new Float64Array(columns + 1);
    result.set(transposedTimesVector(features, u).map((x, i) => c * x + v[i]!));
    result[columns] = c * u.reduce((sum, x) => sum + x, 0);
    return result;
  };
  const pointAt = (parameters: Float64Array) => {
    const scores = addTo(scoresOf(parameters), offsets);
    let loss = (dot(parameters, parameters) - parameters[columns]! ** 2) / 2;
    for (let i = 0; i < rows; i++) loss += c * (softplus(scores[i]!) - labels[i]! * scores[i]!);
    return { parameters, scores, loss };
  };

  let point = pointAt(start);
  let firstNorm: number | undefined;
  for (;;) {
    const { parameters, loss } = point;
    const probabilities = point.scores.map(sigmoid);
    const errors = probabilities.map((p, i) => p - labels[i]!);
    const gradient = pullBack(errors, parameters);
    const norm = Math.sqrt(dot(gradient, gradient));
    firstNorm ??= norm;
    if (norm <= 1e-9 * firstNorm) break;

    const hessianTimes = (v: Float64Array) =>
      pullBack(
        scoresOf(v).map((x, i) => x * probabilities[i]! * (1 - probabilities[i]!)),
        v,
      );
    const step = solve(hessianTimes, gradient, norm * Math.min(0.1, norm / firstNorm));

    // Shorten the step until the loss falls enough; rounding ends the descent at the bottom.
    const enough = 1e-4 * dot(gradient, step);
    let length = 1;
    let next = pointAt(plus(parameters, -1, step));
    while (next.loss > loss - length * enough && length > 1e-6) {
      length /= 2;
      next = pointAt(plus(parameters, -length, step));
    }
    if (!(next.loss < loss)) break;
    point = next;
  }
  return {
    weights: point.parameters.slice(0, columns),
    intercept: point.parameters[columns]!,
  };
}

/** Conjugate gradients: x with |A x - b| ≤ tolerance, for a positive definite A given by v ↦ A v. */
function solve(
  times: (v: Float64Array) => Float64Array,
  b: Float64Array,
  tolerance: number,
): Float64Array {
  let x = new Float64Array(b.length);
  let residual = b;
  let direction = b;
  let square = dot(b, b);
  while (Math.sqrt(square) > tolerance) {
    const image = times(direction);
    const along = square / dot(direction, image);
    x = plus(x, along, direction);
    residual = plus(residual, -along, image);
    const nextSquare = dot(residual, residual);
    direction = plus(residual, nextSquare / square, direction);
    square = nextSquare;
  }
  return x;
}

const addTo = (scores: Float64Array, offsets: Float64Array | undefined): Float64Array =>
  offsets ? scores.map((score, i) => score + offsets[i]!) : scores;

/** w x + intercept for each row: the log odds of success. */
export function logitsOf(model: LogisticRegression, features: SparseRows): Float64Array {
  return timesVector(features, model.weights).map((x) => x + model.intercept);
}

/** P(success) for each row. @param offsets as in fitting */
export function probabilitiesOf(
  model: LogisticRegression,
  features: SparseRows,
  offsets?: Float64Array,
): Float64Array {
  return addTo(logitsOf(model, features), offsets).map(sigmoid);
}
