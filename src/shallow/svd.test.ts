import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../base/random.js";
import { sparseRows } from "./sparse.js";
import { fitAxes, project } from "./svd.js";

/** S with rows and columns turned by known angles: its singular values and vectors are known. */
const [a, b] = [0.4, 1.1];
const u = [
  [Math.cos(a), -Math.sin(a)],
  [Math.sin(a), Math.cos(a)],
  [0, 0],
];
const v = [
  [Math.cos(b), 0, Math.sin(b), 0],
  [-Math.sin(b), 0, Math.cos(b), 0],
];
const x = sparseRows(
  u.map(
    (row) =>
      new Map(
        [0, 2].map((column) => [column, 3 * row[0]! * v[0]![column]! + row[1]! * v[1]![column]!]),
      ),
  ),
  4,
);

test("the axes are the right singular vectors, and rows project to U S", () => {
  const axes = fitAxes(x, 3, new Random(1));
  assert.equal(axes.rank, 2, "a matrix of rank 2 has no third axis");
  const coordinates = project(axes, x);
  for (const k of [0, 1]) {
    const sign = Math.sign(axes.directions[2 * 2 + k]! * v[k]![2]!);
    for (let column = 0; column < 4; column++) {
      assert.ok(Math.abs(sign * axes.directions[column * 2 + k]! - v[k]![column]!) < 1e-12);
    }
    for (let row = 0; row < 3; row++) {
      const expected = [3, 1][k]! * u[row]![k]!;
      assert.ok(Math.abs(sign * coordinates[row * 2 + k]! - expected) < 1e-12);
    }
  }
});

test("of many slowly falling axes the strongest are found, orthonormal", () => {
  const random = new Random(2);
  const size = 60;
  // Rows are multiples of different unit vectors: the singular values are the factors.
  const rows = Array.from({ length: size }, (_, i) => new Map([[size - 1 - i, 0.9 ** i]]));
  const axes = fitAxes(sparseRows(rows, size), 5, random);
  for (let k = 0; k < 5; k++) {
    for (let column = 0; column < size; column++) {
      const expected = column === size - 1 - k ? 1 : 0;
      assert.ok(Math.abs(Math.abs(axes.directions[column * 5 + k]!) - expected) < 1e-3);
    }
  }
});
