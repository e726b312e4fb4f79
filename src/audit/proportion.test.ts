import assert from "node:assert/strict";
import { test } from "node:test";
import { twoProportionZ } from "./proportion.js";

test("two-proportion z", () => {
  // By hand: pooled 23 / 50 = 0.46, standard error sqrt(0.46 · 0.54 · 2 / 25) = 0.140968.
  const z = twoProportionZ({ positives: 15, n: 25 }, { positives: 8, n: 25 });
  assert.ok(Math.abs(z - 0.28 / 0.140968) < 1e-4);
  assert.equal(twoProportionZ({ positives: 8, n: 25 }, { positives: 15, n: 25 }), -z);
  assert.equal(twoProportionZ({ positives: 4, n: 4 }, { positives: 9, n: 9 }), 0);
});
