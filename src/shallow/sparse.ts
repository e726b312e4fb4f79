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

/** Rows given as values by column. */
export function sparseRows(
  rows: readonly ReadonlyMap<number, number>[],
  columns: number,
): SparseRows {
  const starts = new Uint32Array(rows.length + 1);
  rows.forEach((row, i) => {
    starts[i + 1] = starts[i]! + row.size;
  });
  const indices = new Uint32Array(starts.at(-1)!);
  const values = new Float64Array(indices.length);
  rows.forEach((row, i) => {
    const sorted = indices.subarray(starts[i], starts[i + 1]);
    sorted.set([...row.keys()]);
    sorted.sort();
    sorted.forEach((column, k) => {
      values[starts[i]! + k] = row.get(column)!;
    });
  });
  return { rows: rows.length, columns, starts, indices, values };
}

/** Rows given as their entries, columns ascending. */
export function joinRows(
  rows: readonly { readonly indices: Uint32Array; readonly values: Float64Array }[],
  columns: number,
): SparseRows {
  const starts = new Uint32Array(rows.length + 1);
  rows.forEach((row, i) => {
    starts[i + 1] = starts[i]! + row.indices.length;
  });
  const indices = new Uint32Array(starts.at(-1)!);
  const values = new Float64Array(indices.length);
  rows.forEach((row, i) => {
    indices.set(row.indices, starts[i]);
    values.set(row.values, starts[i]);
  });
  return { rows: rows.length, columns, starts, indices, values };
}

/** Rows of which every value counts, all of one length. */
export function denseRows(rows: readonly ArrayLike<number>[]): SparseRows {
  const columns = rows[0]?.length ?? 0;
  const size = rows.length * columns;
  const starts = new Uint32Array(rows.length + 1);
  const indices = new Uint32Array(size);
  const values = new Float64Array(size);
  rows.forEach((row, i) => {
    starts[i + 1] = (i + 1) * columns;
    for (let column = 0; column < columns; column++) indices[i * columns + column] = column;
    values.set(row, i * columns);
  });
  return { rows: rows.length, columns, starts, indices, values };
}

/** The given rows, in the given order. */
export function selectRows(x: SparseRows, rows: readonly number[]): SparseRows {
  const starts = new Uint32Array(rows.length + 1);
  rows.forEach((row, i) => {
    starts[i + 1] = starts[i]! + x.starts[row + 1]! - x.starts[row]!;
  });
  const indices = new Uint32Array(starts.at(-1)!);
  const values = new Float64Array(indices.length);
  rows.forEach((row, i) => {
    indices.set(x.indices.subarray(x.starts[row], x.starts[row + 1]), starts[i]);
    values.set(x.values.subarray(x.starts[row], x.starts[row + 1]), starts[i]);
  });
  return { rows: rows.length, columns: x.columns, starts, indices, values };
}

/** Mean and standard deviation of each column; the deviation is 0 where a column does not vary. */
export function columnMoments(x: SparseRows): { mean: Float64Array; deviation: Float64Array } {
  const mean = new Float64Array(x.columns);
  const square = new Float64Array(x.columns);
  for (let k = 0; k < x.values.length; k++) {
    const [column, value] = [x.indices[k]!, x.values[k]!];
    mean[column]! += value / x.rows;
    square[column]! += value ** 2 / x.rows;
  }
  const deviation = mean.map((m, column) => {
    const spread = Math.sqrt(Math.max(0, square[column]! - m ** 2));
    return spread > 1e-6 * Math.sqrt(square[column]!) ? spread : 0; // else rounding made it
  });
  return { mean, deviation };
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

function transpose(x: SparseRows): SparseRows {
  const starts = new Uint32Array(x.columns + 1);
  for (const column of x.indices) starts[column + 1]! += 1;
  for (let column = 0; column < x.columns; column++) starts[column + 1]! += starts[column]!;
  const next = starts.slice();
  const indices = new Uint32Array(x.indices.length);
  const values = new Float64Array(x.indices.length);
  for (let row = 0; row < x.rows; row++) {
    for (let k = x.starts[row]!; k < x.starts[row + 1]!; k++) {
      const at = next[x.indices[k]!]!++;
      indices[at] = row;
      values[at] = x.values[k]!;
    }
  }
  return { rows: x.columns, columns: x.rows, starts, indices, values };
}

/** X Xᵀ, row-major. */
export function gramMatrix(x: SparseRows): Float64Array {
  // Column by column, so that one row of the result at a time is written to.
  const byColumn = transpose(x);
  const gram = new Float64Array(x.rows * x.rows);
  for (let column = 0; column < x.columns; column++) {
    const [from, to] = [byColumn.starts[column]!, byColumn.starts[column + 1]!];
    for (let k = from; k < to; k++) {
      const value = byColumn.values[k]!;
      const start = byColumn.indices[k]! * x.rows;
      for (let other = from; other <= k; other++) {
        gram[start + byColumn.indices[other]!]! += value * byColumn.values[other]!;
      }
    }
  }
  for (let row = 0; row < x.rows; row++) {
    for (let other = 0; other < row; other++) {
      gram[other * x.rows + row] = gram[row * x.rows + other]!;
    }
  }
  return gram;
}
