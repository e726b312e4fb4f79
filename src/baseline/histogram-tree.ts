import type { Random } from "../base/random.js";
import { columnMajor, growTree, type Nodes, type Split } from "../shallow/index.js";

/** Values are told apart by at most so many bins a column; up to so many distinct values, exactly. */
const BINS = 256;

/** Training rows [rows, columns] as trees search them: column after column, each value with its bin. */
export interface BinnedColumns {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
  readonly bins: Uint8Array;
  /** The bins of column c are starts[c] up to, not including, starts[c + 1]. */
  readonly starts: Int32Array;
  /** Least and greatest value in each bin. */
  readonly least: Float32Array;
  readonly greatest: Float32Array;
}

/** Sorts rows x [rows, columns] (row-major) into bins that hold as equal numbers of rows as can be. */
export function binColumns(x: Float32Array, rows: number): BinnedColumns {
  const values = columnMajor(x, rows);
  const columns = x.length / rows;
  const bins = new Uint8Array(values.length);
  const starts = new Int32Array(columns + 1);
  const least: number[] = [];
  const greatest: number[] = [];
  for (let c = 0; c < columns; c++) {
    const column = values.subarray(c * rows, (c + 1) * rows);
    const rankOf = new Map<number, number>(); // how many rows have a lesser value
    column
      .slice()
      .sort()
      .forEach((value, rank) => {
        if (!rankOf.has(value)) rankOf.set(value, rank);
      });
    const exact = rankOf.size <= BINS;
    const binOf = new Map<number, number>();
    let filled = -1;
    [...rankOf].forEach(([value, rank], index) => {
      const slot = exact ? index : Math.floor((rank * BINS) / rows);
      if (slot > filled) {
        least.push(value);
        greatest.push(value);
      } else greatest[greatest.length - 1] = value;
      filled = slot;
      binOf.set(value, least.length - 1 - starts[c]!);
    });
    column.forEach((value, row) => {
      bins[c * rows + row] = binOf.get(value)!;
    });
    starts[c + 1] = least.length;
  }
  return {
    rows,
    columns,
    values,
    bins,
    starts,
    least: Float32Array.from(least),
    greatest: Float32Array.from(greatest),
  };
}

/** First and second derivative of the loss by each row's score. */
export interface Derivatives {
  readonly first: Float64Array;
  readonly second: Float64Array;
}

/** Columns that a tree may split on. */
export interface Candidates {
  readonly columns: Int32Array;
  /** How many of them, drawn at random for each split, are tried; more where none of them varies. */
  readonly tried: number;
  readonly random: Random;
}

export interface HistogramTreeOptions {
  readonly maxDepth: number;
  /** λ: the penalty on a leaf's value. */
  readonly lambda: number;
  /** Least sum of second derivatives in a child. */
  readonly minChildWeight: number;
}

/** A split must gain more, as in XGBoost: less is rounding. */
const LEAST_GAIN = 1e-6;

/**
 * Grows one tree that lowers a loss by its second-order expansion (Chen and Guestrin 2016, eq. 5-7):
 * with sums G and H of the rows' first and second derivatives, a leaf says -G / (H + λ), and a split
 * gains G_L² / (H_L + λ) + G_R² / (H_R + λ) - G² / (H + λ), twice eq. 7. The threshold of a split lies halfway
 * between the neighbouring values of the node's rows. With weights w of the rows, first derivatives
 * -w y, second ones w and λ = 0 it is the tree of CART for labels y: a leaf says P(1), and the gain is
 * half the fall of the weighted Gini impurity.
 * @param order the rows that the tree sees; reordered
 */
export function growHistogramTree(
  columns: BinnedColumns,
  order: Int32Array,
  derivatives: Derivatives,
  candidates: Candidates,
  { maxDepth, lambda, minChildWeight }: HistogramTreeOptions,
): Nodes {
  const nodes: Nodes = { column: [], value: [] };
  const search = splitSearch(columns, candidates, lambda, minChildWeight);
  // The derivatives of a node's rows: read once, in one piece.
  const first = new Float64Array(order.length);
  const second = new Float64Array(order.length);
  growTree(nodes, columns.values, columns.rows, order, (from, to, depth) => {
    const node = order.subarray(from, to);
    let g = 0;
    let h = 0;
    let agree = true; // on one value for all: then no split gains
    node.forEach((row, i) => {
      first[i] = derivatives.first[row]!;
      second[i] = derivatives.second[row]!;
      g += first[i]!;
      h += second[i]!;
      agree &&= first[i]! / second[i]! === first[0]! / second[0]!;
    });
    const leaf = agree || depth === maxDepth;
    const split = leaf ? undefined : search(node, { first, second }, g, h);
    return split ?? -g / (h + lambda);
  });
  return nodes;
}

/** A function that finds the best split of a node's rows, given their derivatives and the sums of these. */
function splitSearch(
  { rows, bins, starts, least, greatest }: BinnedColumns,
  { columns: deck, tried, random }: Candidates,
  lambda: number,
  minChildWeight: number,
) {
  // Sums of each bin, 0 between columns; and which bins have rows, one bit each: nodes are mostly small.
  const counts = new Int32Array(BINS);
  const gs = new Float64Array(BINS);
  const hs = new Float64Array(BINS);
  const occupied = new Int32Array(BINS / 32);
  return (node: Int32Array, { first, second }: Derivatives, g: number, h: number) => {
    let best: Split | undefined;
    let bestScore = g ** 2 / (h + lambda) + LEAST_GAIN;
    let varying = 0;
    for (let drawn = 0; drawn < deck.length && (drawn < tried || varying === 0); drawn++) {
      if (tried < deck.length) {
        const at = drawn + random.integer(deck.length - drawn);
        [deck[at], deck[drawn]] = [deck[drawn]!, deck[at]!];
      }
      const c = deck[drawn]!;
      const base = starts[c]!;
      for (let i = 0; i < node.length; i++) {
        const bin = bins[c * rows + node[i]!]!;
        occupied[bin >> 5]! |= 1 << (bin & 31);
        counts[bin]! += 1;
        gs[bin]! += first[i]!;
        hs[bin]! += second[i]!;
      }
      varying += +(counts[bins[c * rows + node[0]!]!]! < node.length);
      let last = -1; // the last bin before this one
      let [leftG, leftH] = [0, 0];
      for (let word = 0; word < occupied.length; word++) {
        for (let bits = occupied[word]!; bits !== 0; bits &= bits - 1) {
          const bin = word * 32 + 31 - Math.clz32(bits & -bits);
          if (last >= 0) {
            const rightG = g - leftG;
            const rightH = h - leftH;
            const score = leftG ** 2 / (leftH + lambda) + rightG ** 2 / (rightH + lambda);
            if (score > bestScore && leftH >= minChildWeight && rightH >= minChildWeight) {
              bestScore = score;
              best = { column: c, threshold: between(greatest[base + last]!, least[base + bin]!) };
            }
          }
          leftG += gs[bin]!;
          leftH += hs[bin]!;
          counts[bin] = gs[bin] = hs[bin] = 0;
          last = bin;
        }
        occupied[word] = 0;
      }
    }
    return best;
  };
}

/** The number halfway, or the lower one where float32 knows none between. */
function between(low: number, high: number): number {
  const middle = Math.fround((low + high) / 2);
  return middle < high ? middle : low;
}

/** The tree with another value at each leaf. */
export const mapLeaves = ({ column, value }: Nodes, change: (value: number) => number): Nodes => ({
  column,
  value: value.map((v, node) => (column[node]! < 0 ? change(v) : v)),
});

/** One list of the nodes of all trees. */
export const joinTrees = (trees: readonly Nodes[]): Nodes => ({
  column: trees.flatMap(({ column }) => column),
  value: trees.flatMap(({ value }) => value),
});
