import assert from "node:assert/strict";
import { test } from "node:test";
import { forestOf } from "./forest.js";

test("a list of nodes that ends within a tree is no forest", () => {
  const column = Int32Array.of(1, -1, 0, -1, -1, -1);
  const value = new Float32Array(6);
  const whole = forestOf(column, value)!;
  assert.deepEqual([...whole.roots], [0, 5]);
  assert.deepEqual([whole.right[0], whole.right[2]], [2, 4]);
  assert.equal(forestOf(column.slice(0, 4), value.slice(0, 4)), undefined);
});
