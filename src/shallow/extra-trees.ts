import { type Labels, positivesOfBoth } from "../base/labels.js";
import { Random } from "../base/random.js";

export interface ExtraTreesOptions {
  readonly trees: number;
  /** No leaf holds fewer training rows. */
  readonly minLeaf: number;
  /** Share of the columns that are tried at each split. */
  readonly columnShare: number;
  readonly seed: number;
}

/**
 * A forest; all trees in one list of nodes, each in pre-order: the left child of a node is the next
 * node, the right child comes after the left subtree.
 */
export interface ExtraTrees {
  /** Column that a node splits on; -1 for a leaf. */
  readonly column: Int32Array;
  /** Rows with at most this go left; P(1) for a leaf. */
  readonly value: Float32Array;
  /** Right child of a node that splits. */
  readonly right: Int32Array;
  /** First node of each tree. */
  readonly roots: Int32Array;
}

/**
 * Extremely randomised trees (Geurts, Ernst and Wehenkel 2006) of binary labels on rows x
 * [rows, columns] (row-major): each split takes, of some columns drawn at random with one threshold
 * each drawn between the least and the greatest value, the pair that lowers the Gini impurity most.
 * Every tree sees all rows. Splits as scikit-learn's `ExtraTreesClassifier` does.
 * @throws InputError if a label is not 0 or 1 or all are the same.
 */
export function fitExtraTrees(
  x: Float32Array,
  labels: Labels,
  { trees, minLeaf, columnShare, seed }: ExtraTreesOptions,
): ExtraTrees {
  positivesOfBoth(labels);
  const rows = labels.length;
  const columns = x.length / rows;
  const tried = Math.max(1, Math.floor(columnShare * columns));
  const byColumn = new Float32Array(x.length);
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < columns; c++) byColumn[c * rows + row] = x[row * columns + c]!;
  }

  const column: number[] = [];
  const value: number[] = [];
  const order = Int32Array.from({ length: rows }, (_, row) => row);
  const deck = Int32Array.from({ length: columns }, (_, c) => c);

  // The values of one column at the rows of a node, and those rows' labels: read once, in one piece.
  const values = new Float32Array(rows);
  const outcomes = new Uint8Array(rows);

  /** The split of rows order[from..to) that separates best, if there is one. */
  const bestSplit = (from: number, to: number, positives: number, random: Random) => {
    const n = to - from;
    for (let i = 0; i < n; i++) outcomes[i] = labels[order[from + i]!]!;
    let best: { column: number; threshold: number } | undefined;
    let bestGain = Number.NEGATIVE_INFINITY;
    let varying = 0;
    // Columns that do not vary here are passed over until one that does was seen.
    for (let drawn = 0; drawn < columns && (drawn < tried || varying === 0); drawn++) {
      const at = drawn + random.integer(columns - drawn);
      const c = deck[at]!;
      deck[at] = deck[drawn]!;
      deck[drawn] = c;
      const first = c * rows;
      let low = Number.POSITIVE_INFINITY;
      let high = Number.NEGATIVE_INFINITY;
      for (let i = 0; i < n; i++) {
        const v = byColumn[first + order[from + i]!]!;
        values[i] = v;
        low = Math.min(low, v);
        high = Math.max(high, v);
      }
      if (low === high) continue;
      varying += 1;
      const threshold = Math.fround(low + random.uniform() * (high - low));
      let left = 0;
      let leftPositives = 0;
      for (let i = 0; i < n; i++) {
        const goesLeft = +(values[i]! <= threshold); // no branch: it would be guessed wrong often
        left += goesLeft;
        leftPositives += goesLeft & outcomes[i]!;
      }
      const right = n - left;
      if (left < minLeaf || right < minLeaf) continue;
      const gain = purity(leftPositives, left) + purity(positives - leftPositives, right);
      if (gain > bestGain) {
        bestGain = gain;
        best = { column: c, threshold };
      }
    }
    return best;
  };

  const grow = (from: number, to: number, random: Random): void => {
    let positives = 0;
    for (let i = from; i < to; i++) positives += labels[order[i]!]!;
    const n = to - from;
    const pure = positives === 0 || positives === n;
    const split = pure || n < 2 * minLeaf ? undefined : bestSplit(from, to, positives, random);
    if (split === undefined) {
      column.push(-1);
      value.push(positives / n);
      return;
    }
    column.push(split.column);
    value.push(split.threshold);
    const first = split.column * rows;
    let middle = from;
    for (let i = from; i < to; i++) {
      const row = order[i]!;
      if (byColumn[first + row]! <= split.threshold) {
        order[i] = order[middle]!;
        order[middle++] = row;
      }
    }
    grow(from, middle, random);
    grow(middle, to, random);
  };

  for (let tree = 0; tree < trees; tree++) {
    grow(0, rows, new Random(seed, "tree", tree));
  }
  return forestOf(Int32Array.from(column), Float32Array.from(value))!;
}

/** n times the chance that two rows drawn from a child agree: what is left of n (1 - Gini impurity). */
const purity = (positives: number, n: number) => (positives ** 2 + (n - positives) ** 2) / n;

/**
 * The forest of nodes in pre-order, whose children follow from the order alone; undefined if there is
 * none or the last tree is not whole.
 */
export function forestOf(column: Int32Array, value: Float32Array): ExtraTrees | undefined {
  const right = new Int32Array(column.length);
  const roots: number[] = [];
  const open: number[] = []; // nodes whose left subtree is being passed
  let whole = true; // whether the next node is a root
  for (let node = 0; node < column.length; node++) {
    if (whole) roots.push(node);
    if (column[node]! >= 0) {
      open.push(node);
      whole = false;
    } else {
      const parent = open.pop();
      if (parent !== undefined) right[parent] = node + 1;
      whole = parent === undefined;
    }
  }
  if (!whole || roots.length === 0) return undefined;
  return { column, value, right, roots: Int32Array.from(roots) };
}

/** P(1) of each row of x [rows, columns] (row-major): the mean over the trees' leaves. */
export function forestProbabilities(
  { column, value, right, roots }: ExtraTrees,
  x: Float32Array,
  rows: number,
): Float64Array {
  const columns = x.length / rows;
  return Float64Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (const root of roots) {
      let node = root;
      for (let c = column[node]!; c >= 0; c = column[node]!) {
        node = x[row * columns + c]! <= value[node]! ? node + 1 : right[node]!;
      }
      sum += value[node]!;
    }
    return sum / roots.length;
  });
}
