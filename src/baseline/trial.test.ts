import assert from "node:assert/strict";
import { test } from "node:test";
import { toFloat16 } from "../base/float16.js";
import { madeUpTrial } from "../model/test-support.js";
import { SEGMENTS } from "./baseline.js";
import { baselineTrial } from "./trial.js";

const { features } = madeUpTrial(0);
/** Hidden states of two levels, two wide: of token t, (t, 1) in the first and (2t, -t) in the last. */
function statesOf(tokens: number) {
  const level = (first: (t: number) => number, second: (t: number) => number) =>
    toFloat16(
      Float32Array.from({ length: 2 * tokens }, (_, i) => (i % 2 ? second : first)(i >> 1)),
    );
  const levels = [
    level(
      (t) => t,
      () => 1,
    ),
    level(
      (t) => 2 * t,
      (t) => -t,
    ),
  ];
  return { tokens, width: 2, levels };
}

test("states are the means of each level, segments those of the last over stretches", () => {
  const short = baselineTrial(features, statesOf(3));
  assert.equal(short.features, features);
  assert.deepEqual([...short.states], [1, 1, 2, -1]);
  assert.deepEqual(
    short.segments.map((segment) => [...segment]),
    [
      [0, 0],
      [2, -1],
      [4, -2],
    ],
  );
  const long = baselineTrial(features, statesOf(4 * SEGMENTS));
  assert.equal(long.segments.length, SEGMENTS);
  assert.deepEqual([...long.segments[1]!], [11, -5.5]);
});

test("a text of any length has at most the most segments, which cover it", () => {
  for (const tokens of [1, SEGMENTS, SEGMENTS + 1, 2 * SEGMENTS + 1, 1000]) {
    const { segments } = baselineTrial(features, statesOf(tokens));
    assert.ok(segments.length >= 1 && segments.length <= SEGMENTS);
    const mean = segments.reduce((sum, segment) => sum + segment[0]!, 0) / segments.length;
    assert.ok(Math.abs(mean - (tokens - 1)) <= 0.02 * tokens, `${tokens} tokens: ${mean}`);
  }
});
