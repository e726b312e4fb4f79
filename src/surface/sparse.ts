/** Rows of a matrix of which few values are not zero (compressed sparse rows). */
export interface SparseRows {
  readonly rows: number;
  readonly columns: number;
  /** Row r holds the entries starts[r] up to, not including, starts[r + 1]. */
  readonly starts: Uint32Array;
  /** Column of each entry, ascending within a row. */
  readonly indices: Uint32Array;
  readonly values: Float64Array;
}

/** X v, of length rows. */
export function timesVector(x: SparseRows, v: Float64Array): Float64Array {
  const result = new Float64Array(x.rows);
  for (let row = 0; row < x.rows; row++) {
    let sum = 0;
    for (let k = x.starts[row]!; k < x.starts[row + 1]!; k++) {
      sum += x.values[k]! * v[x.indices[k]!]!;
    }
    result[row] = sum;
  }
  return result;
}

/** Xᵀ u, of length columns. */
export function transposedTimesVector(x: SparseRows, u: Float64Array): Float64Array {
  const result = new Float64Array(x.columns);
  for (let row = 0; row < x.rows; row++) {
    for (let k = x.starts[row]!; k < x.starts[row + 1]!; k++) {
      result[x.indices[k]!]! += x.values[k]! * u[row]!;
    }
  }
  return result;
}
