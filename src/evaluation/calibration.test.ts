import assert from "node:assert/strict";
import { test } from "node:test";
import {
  applyTemperature,
  expectedCalibrationError,
  fitTemperature,
  reliabilityBins,
} from "./calibration.js";
import { logLoss } from "./metrics.js";

test("bins are open below and closed above, and 0 has a place", () => {
  const bins = reliabilityBins([0, 1, 1, 0], [0, 0.5, 0.51, 1], 2);
  assert.deepEqual(bins, [
    { from: 0, to: 0.5, count: 2, predicted: 0.25, observed: 0.5 },
    { from: 0.5, to: 1, count: 2, predicted: 0.755, observed: 0.5 },
  ]);
  assert.equal(reliabilityBins([0, 1], [0.9, 0.9], 2)[0]?.observed, undefined);
});

test("the calibration error worked out by hand", () => {
  // Bin 2 of 15 holds 0.1 (failure, failure): gap 0.1. Bin 14 holds 0.9 (success, failure): gap 0.4.
  const error = expectedCalibrationError([0, 0, 1, 0], [0.1, 0.1, 0.9, 0.9]);
  assert.ok(Math.abs(error - (2 * 0.1 + 2 * 0.4) / 4) < 1e-12);
});

test("the temperature makes logits say what the frequencies are", () => {
  // 3 of 4 are right where the logit is ±2, so σ(2 / T) = 3/4.
  const logits = [2, 2, 2, 2, -2, -2, -2, -2];
  const labels = [1, 1, 1, 0, 0, 0, 0, 1];
  const temperature = fitTemperature(logits, labels);
  assert.ok(Math.abs(temperature - 2 / Math.log(3)) < 1e-9);
  assert.ok(Math.abs(applyTemperature(logits, temperature)[0]! - 0.75) < 1e-9);
});

test("no other temperature has a lower loss", () => {
  const logits = [3, -1, 0.5, 2, -4, 1, -2, 0.2];
  const labels = [1, 0, 0, 1, 0, 0, 1, 1];
  const temperature = fitTemperature(logits, labels);
  const loss = (t: number) => logLoss(labels, applyTemperature(logits, t));
  for (const factor of [0.9, 0.999, 1.001, 1.1]) {
    assert.ok(loss(temperature * factor) > loss(temperature));
  }
});

test("useless and perfect logits end at the bounds", () => {
  assert.ok(Math.abs(fitTemperature([1, -1], [0, 1]) - 100) < 1e-6);
  assert.ok(Math.abs(fitTemperature([0.1, -0.1], [1, 0]) - 0.01) < 1e-6);
});
