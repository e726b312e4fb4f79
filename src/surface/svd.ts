import { EigenvalueDecomposition, Matrix, QrDecomposition } from "ml-matrix";
import type { Random } from "../base/random.js";
import type { SparseRows } from "./sparse.js";

/** Directions in which sparse rows vary most (right singular vectors, not centred, not whitened). */
export interface Axes {
  readonly rank: number;
  /** [columns, rank] row-major; the strongest axis first, each of length 1. */
  readonly directions: Float32Array;
}

/** Directions drawn beyond those wanted, and rounds of power iteration: enough for slowly falling singular values of texts. */
const OVERSAMPLING = 10;
const ROUNDS = 5;

/**
 * Truncated singular value decomposition by a randomised range finder with subspace iteration
 * (Halko, Martinsson and Tropp 2011, algorithms 4.4 and 5.1): X ≈ U S Vᵀ, of which V is kept, since
 * X V gives the coordinates of old and new rows alike (latent semantic analysis).
 */
export function fitAxes(x: SparseRows, rank: number, random: Random): Axes {
  const width = Math.min(rank + OVERSAMPLING, x.rows, x.columns);
  const kept = Math.min(rank, width);
  const sketch = Float64Array.from({ length: x.columns * width }, () => random.normal());
  let basis = orthonormal(times(x, sketch, width), x.rows, width); // Q [rows, width]
  for (let round = 0; round < ROUNDS; round++) {
    basis = orthonormal(times(x, transposedTimes(x, basis, width), width), x.rows, width);
  }
  // X ≈ Q B with B = Qᵀ X; the eigenvectors W of B Bᵀ give V = Bᵀ W / S.
  const b = new Matrix(rowsOf(transposedTimes(x, basis, width), x.columns, width)); // Bᵀ
  const { realEigenvalues: values, eigenvectorMatrix: vectors } = new EigenvalueDecomposition(
    b.transpose().mmul(b),
    { assumeSymmetric: true },
  );
  const strongest = values
    .map((_, i) => i)
    .sort((i, j) => values[j]! - values[i]!)
    .slice(0, kept);
  const v = b.mmul(vectors.subMatrixColumn(strongest));
  const directions = new Float32Array(x.columns * kept);
  strongest.forEach((axis, k) => {
    const length = Math.sqrt(Math.max(values[axis]!, Number.MIN_VALUE));
    for (let column = 0; column < x.columns; column++) {
      directions[column * kept + k] = v.get(column, k) / length;
    }
  });
  return { rank: kept, directions };
}

/** X V: the coordinates of each row, [rows, rank] row-major. */
export function project({ rank, directions }: Axes, x: SparseRows): Float64Array {
  return times(x, directions, rank);
}

/** X D for a dense D [columns, width]. */
function times(x: SparseRows, d: Float32Array | Float64Array, width: number): Float64Array {
  const result = new Float64Array(x.rows * width);
  for (let row = 0; row < x.rows; row++) {
    for (let k = x.starts[row]!; k < x.starts[row + 1]!; k++) {
      const value = x.values[k]!;
      const from = x.indices[k]! * width;
      for (let j = 0; j < width; j++) result[row * width + j]! += value * d[from + j]!;
    }
  }
  return result;
}

/** Xᵀ D for a dense D [rows, width]. */
function transposedTimes(x: SparseRows, d: Float64Array, width: number): Float64Array {
  const result = new Float64Array(x.columns * width);
  for (let row = 0; row < x.rows; row++) {
    for (let k = x.starts[row]!; k < x.starts[row + 1]!; k++) {
      const value = x.values[k]!;
      const to = x.indices[k]! * width;
      for (let j = 0; j < width; j++) result[to + j]! += value * d[row * width + j]!;
    }
  }
  return result;
}

/** Rows of equal width as arrays, without copying. */
const rowsOf = (d: Float64Array, rows: number, width: number): Float64Array[] =>
  Array.from({ length: rows }, (_, row) => d.subarray(row * width, (row + 1) * width));

function orthonormal(d: Float64Array, rows: number, width: number): Float64Array {
  const q = new QrDecomposition(new Matrix(rowsOf(d, rows, width))).orthogonalMatrix;
  return Float64Array.from({ length: rows * width }, (_, i) =>
    q.get(Math.floor(i / width), i % width),
  );
}
