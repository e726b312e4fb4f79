import { EigenvalueDecomposition, Matrix, QrDecomposition } from "ml-matrix";
import type { Random } from "../base/random.js";
import { gramMatrix, type SparseRows } from "./sparse.js";

/** Directions in which sparse rows vary most (right singular vectors, not centred, not whitened). */
export interface Axes {
  readonly rank: number;
  /** [columns, rank] row-major; the strongest axis first, each of length 1. */
  readonly directions: Float64Array;
}

/** Directions drawn beyond those wanted, and rounds of iteration: singular values of texts fall slowly. */
const OVERSAMPLING = 10;
const ROUNDS = 8;

/**
 * Truncated singular value decomposition X ≈ U S Vᵀ, of which V is kept, since X V gives the
 * coordinates of old and new rows alike (latent semantic analysis). Randomised subspace iteration
 * (Halko, Martinsson and Tropp 2011, algorithm 4.4) on X Xᵀ, which is small where rows are few.
 */
export function fitAxes(x: SparseRows, rank: number, random: Random): Axes {
  const width = Math.min(rank + OVERSAMPLING, x.rows, x.columns);
  const gram = Matrix.from1DArray(x.rows, x.rows, gramMatrix(x));
  let basis = Matrix.from1DArray(
    x.rows,
    width,
    Float64Array.from({ length: x.rows * width }, () => random.normal()),
  );
  for (let round = 0; round < ROUNDS; round++) {
    basis = new QrDecomposition(gram.mmul(basis)).orthogonalMatrix; // Q
  }
  const { realEigenvalues: squares, eigenvectorMatrix: vectors } = new EigenvalueDecomposition(
    basis.transpose().mmul(gram.mmul(basis)),
    { assumeSymmetric: true },
  );
  // U = Q W for the eigenvectors W of Qᵀ X Xᵀ Q, whose eigenvalues are S²; then V = Xᵀ U / S.
  const strongest = squares
    .map((_, i) => i)
    .filter((i) => squares[i]! > 1e-12 * Math.max(...squares))
    .sort((i, j) => squares[j]! - squares[i]!)
    .slice(0, rank);
  const scaled = basis
    .mmul(vectors.subMatrixColumn(strongest))
    .divRowVector(strongest.map((i) => Math.sqrt(squares[i]!)));
  const flat = Float64Array.from(scaled.to1DArray());
  return {
    rank: strongest.length,
    directions: transposedTimes(x, flat, strongest.length),
  };
}

/** X V: the coordinates of each row, [rows, rank] row-major. */
export function project({ rank, directions }: Axes, x: SparseRows): Float64Array {
  return times(x, directions, rank);
}

/** X D for a dense D [columns, width]. */
function times(x: SparseRows, d: Float64Array, width: number): Float64Array {
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
