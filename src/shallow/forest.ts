/**
 * A forest; all trees in one list of nodes, each in pre-order: the left child of a node is the next
 * node, the right child comes after the left subtree.
 */
export interface Forest {
  /** Column that a node splits on; -1 for a leaf. */
  readonly column: Int32Array;
  /** Rows with at most this go left; what a leaf says, such as P(1). */
  readonly value: Float32Array;
  /** Right child of a node that splits. */
  readonly right: Int32Array;
  /** First node of each tree. */
  readonly roots: Int32Array;
}

/** The nodes of trees while they grow, as {@link Forest} has them. */
export interface Nodes {
  readonly column: number[];
  readonly value: number[];
}

/** Rows with at most the threshold go left. */
export interface Split {
  readonly column: number;
  readonly threshold: number;
}

/** x [rows, columns], row after row → column after column. */
export function columnMajor(x: Float32Array, rows: number): Float32Array {
  const columns = x.length / rows;
  const byColumn = new Float32Array(x.length);
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < columns; c++) byColumn[c * rows + row] = x[row * columns + c]!;
  }
  return byColumn;
}

/**
 * Grows a tree behind the nodes that are there.
 * @param byColumn values, column after column, of `rows` rows
 * @param order the rows that the tree sees, which are put in the order of its leaves
 * @param decide what becomes of the rows order[from..to): a split, or the value of a leaf
 */
export function growTree(
  { column, value }: Nodes,
  byColumn: Float32Array,
  rows: number,
  order: Int32Array,
  decide: (from: number, to: number, depth: number) => Split | number,
): void {
  const grow = (from: number, to: number, depth: number): void => {
    const decision = decide(from, to, depth);
    if (typeof decision === "number") {
      column.push(-1);
      value.push(decision);
      return;
    }
    column.push(decision.column);
    value.push(decision.threshold);
    const first = decision.column * rows;
    let middle = from;
    for (let i = from; i < to; i++) {
      const row = order[i]!;
      if (byColumn[first + row]! <= decision.threshold) {
        order[i] = order[middle]!;
        order[middle++] = row;
      }
    }
    grow(from, middle, depth + 1);
    grow(middle, to, depth + 1);
  };
  grow(0, order.length, 0);
}

/**
 * The forest of nodes in pre-order, whose children follow from the order alone; undefined if there is
 * none or the last tree is not whole.
 */
export function forestOf(column: Int32Array, value: Float32Array): Forest | undefined {
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

/** The forest of trees that were grown, at least one. */
export const forestOfNodes = ({ column, value }: Nodes): Forest =>
  forestOf(Int32Array.from(column), Float32Array.from(value))!;

/** For each row of x [rows, columns] (row after row), the mean of what the trees' leaves say. */
export function forestMeans(forest: Forest, x: Float32Array, rows: number): Float64Array {
  const { roots } = forest;
  const { whole, real } = packed(forest);
  const columns = x.length / rows;
  return Float64Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (const root of roots) {
      let node = NODE * root;
      for (let c = whole[node]!; c >= 0; c = whole[node]!)
        node = x[row * columns + c]! <= real[node + 1]! ? node + NODE : whole[node + 2]!;
      sum += real[node + 1]!;
    }
    return sum / roots.length;
  });
}

/** Numbers of a packed node: column, value, where the right child is. */
const NODE = 3;
interface Packed {
  readonly whole: Int32Array;
  readonly real: Float32Array;
}
const packs = new WeakMap<Forest, Packed>();

/** What is known of a node side by side: trees are passed at random, and memory is slow. */
function packed(forest: Forest): Packed {
  let pack = packs.get(forest);
  if (!pack) {
    const { column, value, right } = forest;
    const whole = new Int32Array(NODE * column.length);
    const real = new Float32Array(whole.buffer);
    for (let node = 0; node < column.length; node++) {
      whole[NODE * node] = column[node]!;
      real[NODE * node + 1] = value[node]!;
      whole[NODE * node + 2] = NODE * right[node]!;
    }
    pack = { whole, real };
    packs.set(forest, pack);
  }
  return pack;
}
