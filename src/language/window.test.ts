import assert from "node:assert/strict";
import { test } from "node:test";
import { windowsOf } from "./window.js";

test("every token is fresh in exactly one window, whatever the length", () => {
  for (const [context, overlap] of [
    [1, 0],
    [4, 1],
    [16, 4],
    [64, 16],
  ] as const)
    for (let length = 0; length <= 3 * context + 2; length++) {
      const windows = windowsOf(length, context, overlap);
      const fresh = windows.flatMap(({ fresh, end }) =>
        Array.from({ length: end - fresh }, (_, i) => fresh + i),
      );
      assert.deepEqual(
        fresh,
        Array.from({ length }, (_, i) => i),
        `length ${length}, context ${context}`,
      );
      for (const [i, { start, end, fresh }] of windows.entries()) {
        assert.ok(end - start <= context && end > fresh);
        assert.equal(fresh - start, i === 0 ? 0 : overlap);
      }
    }
});
