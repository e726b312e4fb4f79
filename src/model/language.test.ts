import assert from "node:assert/strict";
import { test } from "node:test";
import { toFloat16 } from "../base/float16.js";
import type { HiddenStates } from "../language/index.js";
import { partsOf } from "./language.js";

/** Hidden states of two levels that count up, so that each tells its place. */
function countingStates(tokens: number, width = 2): HiddenStates {
  const values = Float32Array.from({ length: tokens * width }, (_, i) => i);
  return {
    tokens,
    width,
    levels: [toFloat16(values), toFloat16(values.map((value) => -value))],
  };
}

test("a long text is read in parts as equal as can be, a short one as it is", () => {
  for (let tokens = 1; tokens <= 40; tokens++)
    for (let limit = 1; limit <= 40; limit++) {
      const states = countingStates(tokens);
      const parts = partsOf(states, limit);
      if (tokens <= limit) assert.equal(parts[0], states);
      const sizes = parts.map((part) => part.tokens);
      assert.ok(Math.max(...sizes) <= limit && Math.max(...sizes) - Math.min(...sizes) <= 1);
      states.levels.forEach((level, i) => {
        assert.deepEqual(
          parts.flatMap((part) => [...part.levels[i]!]),
          [...level],
        );
      });
    }
});
