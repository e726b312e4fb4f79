import assert from "node:assert/strict";
import { test } from "node:test";
import { hypergeometricTail } from "./hypergeometric.js";

test("Fisher's exact test of the lady tasting tea (1935, ch. 2), and sums over all outcomes", () => {
  const near = (given: number, expected: number) =>
    assert.ok(Math.abs(given / expected - 1) < 1e-12, `${given} is not ${expected}`);
  const tea = { drawn: 4, marked: 4, all: 8 };
  near(hypergeometricTail(4, tea), 1 / 70);
  near(hypergeometricTail(3, tea), 17 / 70);
  near(hypergeometricTail(0, tea), 1);
  // With 9 of 10 marked and 3 drawn, two at least are marked.
  near(hypergeometricTail(2, { drawn: 3, marked: 9, all: 10 }), 1);
  near(hypergeometricTail(3, { drawn: 3, marked: 9, all: 10 }), 84 / 120);
  assert.equal(hypergeometricTail(4, { drawn: 3, marked: 9, all: 10 }), 0);
});
