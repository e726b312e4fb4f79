import { CholeskyDecomposition, Matrix } from "ml-matrix";
import { InputError } from "../base/error.js";
import { denseRows, gramMatrix, type SparseRows, transposedTimesVector } from "./sparse.js";

/** Rows X = L Q by their coordinates L in an orthonormal basis Q of what they span. */
export interface RowSpace {
  /** L [rows, rows]. */
  readonly coordinates: SparseRows;
  /** The weights w = Qᵀ v on the columns of X that say of each row what v says of its coordinates. */
  weightsOf(v: Float64Array): Float64Array;
}

/** Added to the squared length of rows (in shares of the mean), so that equal rows can be told apart. */
const JITTER = 1e-9;

/**
 * A linear model with a penalty on |w|² has its weights in the span of its rows (the representer
 * theorem), and |w| = |v|: with tens of thousands of columns and a thousand rows it is fitted on L
 * instead of X. L comes from the Cholesky decomposition X Xᵀ = L Lᵀ.
 * @throws InputError if all rows are 0
 */
export function rowSpace(x: SparseRows): RowSpace {
  const gram = Matrix.from1DArray(x.rows, x.rows, gramMatrix(x));
  const jitter = (JITTER * gram.trace()) / x.rows;
  for (let row = 0; row < x.rows; row++) gram.set(row, row, gram.get(row, row) + jitter);
  const cholesky = new CholeskyDecomposition(gram);
  if (!cholesky.isPositiveDefinite())
    throw new InputError("no text has a term in common with the others", {
      field: "criteria",
      remedy: "Give trials with eligibility criteria",
    });
  const lower = cholesky.lowerTriangularMatrix;
  return {
    coordinates: denseRows(lower.to2DArray()),
    weightsOf(v) {
      // Q = L⁻¹ X, so w = Xᵀ u for Lᵀ u = v.
      const u = Float64Array.from(v);
      for (let row = u.length - 1; row >= 0; row--) {
        u[row]! /= lower.get(row, row);
        for (let other = 0; other < row; other++) u[other]! -= lower.get(row, other) * u[row]!;
      }
      return transposedTimesVector(x, u);
    },
  };
}
