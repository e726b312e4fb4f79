import assert from "node:assert/strict";
import { test } from "node:test";
import { normalQuantile, twoSidedP, upperTail } from "./normal.js";

// Expected values: R 4.2.2, pnorm(z, lower.tail = FALSE) and qnorm(share).
const TAILS = [
  [-3, 0.9986501019683699],
  [0.5, 0.30853753872598694],
  [1.5, 0.06680720126885807],
  [2.8, 0.002555130330427934],
  [2.83, 0.0023274002067315545],
  [6, 9.865876450376977e-10],
  [30, 4.906713927148187e-198],
] as const;
const QUANTILES = [
  [1e-6, -4.753424308822899],
  [0.025, -1.9599639845400538],
  [0.3, -0.5244005127080407],
  [0.8, 0.8416212335729144],
  [0.975, 1.9599639845400536],
] as const;

const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual / expected - 1) < 1e-12, `${actual} is not ${expected}`);

test("tails of the normal distribution, near and far", () => {
  assert.equal(upperTail(0), 0.5);
  for (const [z, tail] of TAILS) near(upperTail(z), tail);
  near(twoSidedP(-1.96), 0.04999579029644086);
  assert.equal(twoSidedP(Number.POSITIVE_INFINITY), 0);
});

test("quantiles", () => {
  for (const [share, z] of QUANTILES) near(normalQuantile(share), z);
});
