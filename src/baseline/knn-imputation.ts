import { type FeatureRows, rowOf } from "./features.js";

/** Neighbours that a missing value is taken from, as scikit-learn's `KNNImputer` has it. */
const NEIGHBOURS = 5;

/**
 * Fills missing values (NaN) by the mean of the nearest training rows that have them, as scikit-learn's
 * `KNNImputer` does (Troyanskaya et al. 2001): the squared distance of two rows is the mean over the
 * columns that both have. Every column has a value in some training row.
 */
export function fitImputation(training: FeatureRows): (rows: FeatureRows) => FeatureRows {
  const donors = Array.from({ length: training.rows }, (_, row) => rowOf(training, row));
  return (holed) => {
    const x = holed.x.slice();
    for (let row = 0; row < holed.rows; row++) {
      const own = rowOf(holed, row);
      if (!own.some(Number.isNaN)) continue;
      const distances = donors.map((donor) => distance(own, donor));
      const nearest = [...donors.keys()]
        .sort((a, b) => distances[a]! - distances[b]!)
        .map((donor) => donors[donor]!);
      own.forEach((value, c) => {
        if (Number.isNaN(value)) x[row * holed.columns + c] = meanOfNearest(nearest, c);
      });
    }
    return { ...holed, x };
  };
}

/** The mean squared difference over what both have; infinite where that is nothing. */
function distance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  let present = 0;
  for (let c = 0; c < a.length; c++) {
    const difference = a[c]! - b[c]!;
    if (Number.isNaN(difference)) continue;
    sum += difference * difference;
    present += 1;
  }
  return present > 0 ? sum / present : Number.POSITIVE_INFINITY;
}

function meanOfNearest(nearest: readonly Float32Array[], column: number): number {
  let sum = 0;
  let count = 0;
  for (const { [column]: value } of nearest) {
    if (Number.isNaN(value)) continue;
    sum += value!;
    count += 1;
    if (count === NEIGHBOURS) break;
  }
  return sum / count;
}
