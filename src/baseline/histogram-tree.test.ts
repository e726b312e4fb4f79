import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../base/random.js";
import { forestMeans, forestOfNodes } from "../shallow/index.js";
import { binColumns, growHistogramTree } from "./histogram-tree.js";
import { REFERENCE, rowsOf } from "./test-support.js";

/** A tree on all rows and columns. */
function grow(
  x: Float32Array,
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  settings: { maxDepth?: number; lambda?: number; minChildWeight?: number } = {},
) {
  const rows = first.length;
  const columns = Int32Array.from({ length: x.length / rows }, (_, c) => c);
  return growHistogramTree(
    binColumns(x, rows),
    Int32Array.from({ length: rows }, (_, row) => row),
    { first: Float64Array.from(first), second: Float64Array.from(second) },
    { columns, tried: columns.length, random: new Random("tree") },
    { maxDepth: 9, lambda: 0, minChildWeight: 0, ...settings },
  );
}

test("with weights as second derivatives it is scikit-learn's classification tree", () => {
  const { train, labels, test: unseen, tree: expected } = REFERENCE;
  const tree = grow(
    rowsOf(train).x,
    labels.map((label) => -label),
    labels.map(() => 1),
    { maxDepth: 3 },
  );
  const { x, rows } = rowsOf(unseen);
  const actual = forestMeans(forestOfNodes(tree), x, rows);
  expected.forEach((p, row) => {
    assert.ok(Math.abs(actual[row]! - p) < 1e-6, `row ${row}`);
  });
});

test("a split has the greatest gain, a leaf -G / (H + λ)", () => {
  // Logits 0, so first derivatives p - y = ±½ and second ones ¼. With λ = 1:
  // x ≤ 1 | x > 1: 0.25 / 1.25 + 0.25 / 1.75 - 0 = 0.342…; x ≤ 2: 1 / 1.5 + 1 / 1.5 = 1.333…
  const x = Float32Array.of(1, 2, 3, 4);
  const first = [-0.5, -0.5, 0.5, 0.5];
  const second = [0.25, 0.25, 0.25, 0.25];
  const settings = { maxDepth: 1, lambda: 1 };
  assert.deepEqual(grow(x, first, second, settings), {
    column: [0, -1, -1],
    value: [2.5, 1 / 1.5, -1 / 1.5],
  });
  // A child must weigh enough: ½ on either side is just so.
  assert.equal(grow(x, first, second, { ...settings, minChildWeight: 0.5 }).column[0], 0);
  assert.deepEqual(grow(x, first, second, { ...settings, minChildWeight: 0.51 }).column, [-1]);
});

test("columns of more than 256 values are told apart in bins of equal numbers of rows", () => {
  const rows = 2000;
  const x = Float32Array.from({ length: rows }, (_, row) => (row * 7) % rows);
  const { bins, starts, least, greatest } = binColumns(x, rows);
  assert.deepEqual([...starts], [0, 256]);
  const sizes = new Int32Array(256);
  for (const bin of bins) sizes[bin]! += 1;
  assert.ok(sizes.every((size) => size === 7 || size === 8));
  x.forEach((value, row) => {
    assert.ok(value >= least[bins[row]!]! && value <= greatest[bins[row]!]!);
  });
  // The step is found where a bin ends next to it.
  const first = Float64Array.from(x, (value) => (value > 1200 ? -1 : 0));
  const { value } = grow(x, first, new Float64Array(rows).fill(1), { maxDepth: 1 });
  assert.ok(Math.abs(value[0]! - 1200.5) < 8, String(value[0]));
});

test("neighbours between which float32 has no number are told apart", () => {
  const [low, high] = [1, 1 + 2 ** -23];
  const tree = grow(Float32Array.of(low, high), [-1, 0], [1, 1]);
  const said = forestMeans(forestOfNodes(tree), Float32Array.of(low, high), 2);
  assert.deepEqual([...said], [1, 0]);
});

test("of many columns as few as asked are tried, more where those do not vary", () => {
  const columns = 50;
  const x = new Float32Array(2 * columns);
  x[columns + 31] = 1; // the only column that varies
  const tree = growHistogramTree(
    binColumns(x, 2),
    Int32Array.of(0, 1),
    { first: Float64Array.of(1, -1), second: Float64Array.of(1, 1) },
    {
      columns: Int32Array.from({ length: columns }, (_, c) => c),
      tried: 1,
      random: new Random("columns"),
    },
    { maxDepth: 9, lambda: 0, minChildWeight: 0 },
  );
  assert.deepEqual(tree, { column: [31, -1, -1], value: [0.5, -1, 1] });
});
