import { type Labels, positivesOfBoth } from "../base/labels.js";
import { Random } from "../base/random.js";
import {
  columnMajor,
  type Forest,
  forestOfNodes,
  growTree,
  type Nodes,
  type Split,
} from "./forest.js";

export interface ExtraTreesOptions {
  readonly trees: number;
  /** No leaf holds fewer training rows. */
  readonly minLeaf: number;
  /** Share of the columns that are tried at each split. */
  readonly columnShare: number;
  readonly seed: number;
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
): Forest {
  positivesOfBoth(labels);
  const rows = labels.length;
  const columns = x.length / rows;
  const tried = Math.max(1, Math.floor(columnShare * columns));
  const byColumn = columnMajor(x, rows);
  const nodes: Nodes = { column: [], value: [] };
  const order = Int32Array.from({ length: rows }, (_, row) => row);
  const deck = Int32Array.from({ length: columns }, (_, c) => c);

  // The values of one column at the rows of a node, and those rows' labels: read once, in one piece.
  const values = new Float32Array(rows);
  const outcomes = new Uint8Array(rows);

  /** The split of rows order[from..to) that separates best, if there is one. */
  const bestSplit = (from: number, to: number, positives: number, random: Random) => {
    const n = to - from;
    for (let i = 0; i < n; i++) outcomes[i] = labels[order[from + i]!]!;
    let best: Split | undefined;
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

  for (let tree = 0; tree < trees; tree++) {
    const random = new Random(seed, "tree", tree);
    growTree(nodes, byColumn, rows, order, (from, to) => {
      let positives = 0;
      for (let i = from; i < to; i++) positives += labels[order[i]!]!;
      const n = to - from;
      const pure = positives === 0 || positives === n;
      const split = pure || n < 2 * minLeaf ? undefined : bestSplit(from, to, positives, random);
      return split ?? positives / n;
    });
  }
  return forestOfNodes(nodes);
}

/** n times the chance that two rows drawn from a child agree: what is left of n (1 - Gini impurity). */
const purity = (positives: number, n: number) => (positives ** 2 + (n - positives) ** 2) / n;
