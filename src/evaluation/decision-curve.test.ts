import assert from "node:assert/strict";
import { test } from "node:test";
import { decisionCurve } from "./decision-curve.js";

const labels = [1, 1, 0, 1, 0, 0, 0, 0];
const probabilities = [0.9, 0.6, 0.6, 0.3, 0.25, 0.2, 0.1, 0];

test("net benefit worked out by hand", () => {
  // At 1/4 a failure costs 1/3, at 3/5 it costs 3/2; the threshold itself is run.
  const [quarter, most, none] = decisionCurve(labels, probabilities, [0.25, 0.6, 0]);
  assert.deepEqual(quarter, {
    threshold: 0.25,
    model: (3 - 2 / 3) / 8,
    treatAll: (3 - 5 / 3) / 8,
    treatNone: 0,
  });
  assert.ok(Math.abs(most!.model - (2 - 1.5) / 8) < 1e-12);
  assert.ok(Math.abs(most!.treatAll - (3 - 7.5) / 8) < 1e-12);
  // Where failures cost nothing, running all is best: the prevalence.
  assert.deepEqual([none!.model, none!.treatAll], [3 / 8, 3 / 8]);
});

test("running all is worth nothing where the threshold is the prevalence", () => {
  const curve = decisionCurve([1, 0, 0, 0], [0.4, 0.3, 0.2, 0.1]);
  assert.equal(curve.length, 99);
  const at = curve.find(({ threshold }) => threshold === 0.25)!;
  assert.ok(Math.abs(at.treatAll) < 1e-12);
  assert.equal(at.model, (1 - 1 / 3) / 4);
});

test("what is no probability or no threshold is refused", () => {
  assert.throws(() => decisionCurve([1, 0], [0.5, 1.5]), /probability 1.5 is outside 0 to 1/);
  assert.throws(() => decisionCurve([1, 0], [0.5, 0.5], [1]), /threshold 1 is outside/);
});
