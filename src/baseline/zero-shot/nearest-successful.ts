import { InputError } from "../../base/error.js";
import { Interrupted } from "../../base/watcher.js";
import type { BaselineTrial } from "../baseline.js";
import type { Ranker } from "./ranker.js";

/** Successful trials that a trial is compared to: few enough for a rare disease to fill them. */
const NEIGHBOURS = 10;
/** Trials between two reports. */
const LOT = 32;

/**
 * Mean cosine similarity of a trial's criteria to those of its {@link NEIGHBOURS} nearest successful
 * trials. Mean hidden states of all texts lie close to one direction, which leaves cosines near 1
 * (Ethayarajh 2019), so they are standardised first, by the successful trials alone.
 */
export const nearestSuccessful: Ranker = {
  name: "nearest-successful",
  title: "nearest successful trials",
  needsLabels: false,
  areProbabilities: false,
  async rank(trials, { successful, watcher, cache }) {
    if (successful.length === 0)
      throw new InputError("there are no successful trials to compare with", {
        remedy: "Give files of successful trials",
      });
    refuseSuccessful(trials, successful);
    const standardise = standardiser(successful);
    const directions = successful.map(({ states }) => standardise(states));
    const scores = new Float64Array(trials.length);
    for (const [i, { states }] of trials.entries()) {
      if (i % LOT === 0) {
        watcher.report({ stage: "Finding successful trials alike", done: i, total: trials.length });
        if (watcher.stopping()) throw new Interrupted(cache, "by running the command again");
      }
      const direction = standardise(states);
      const nearest = Float64Array.from(directions, (other) => dot(direction, other))
        .sort()
        .subarray(-NEIGHBOURS);
      scores[i] = nearest.reduce((sum, similarity) => sum + similarity, 0) / nearest.length;
    }
    return { scores };
  },
};

/** @throws InputError if a trial is its own nearest successful trial, which would tell its outcome */
function refuseSuccessful(
  trials: readonly BaselineTrial[],
  successful: readonly BaselineTrial[],
): void {
  const known = new Set(successful.map(({ features }) => features.nctId));
  const seen = trials.find(({ features }) => known.has(features.nctId));
  if (seen)
    throw new InputError(`${seen.features.nctId} is to be ranked and counts as successful`, {
      field: "nctid",
      remedy: "Exclude the ranked trials from the successful ones",
    });
}

/** States → their direction of length 1 once each column has mean 0 and deviation 1 over the trials. */
function standardiser(trials: readonly BaselineTrial[]): (states: Float32Array) => Float64Array {
  const width = trials[0]!.states.length;
  const mean = new Float64Array(width);
  const square = new Float64Array(width);
  for (const { states } of trials)
    for (let i = 0; i < width; i++) {
      mean[i]! += states[i]! / trials.length;
      square[i]! += states[i]! ** 2 / trials.length;
    }
  const deviation = square.map((value, i) => Math.sqrt(Math.max(0, value - mean[i]! ** 2)));
  return (states) => {
    const z = Float64Array.from(states, (value, i) =>
      deviation[i]! > 0 ? (value - mean[i]!) / deviation[i]! : 0,
    );
    const length = Math.sqrt(dot(z, z));
    return length > 0 ? z.map((value) => value / length) : z;
  };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
