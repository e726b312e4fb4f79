import { Interrupted } from "../../base/watcher.js";
import { compile, floats, Graph, matmul } from "../../graph/index.js";
import type { BaselineTrial } from "../baseline.js";
import { type Ranker, successfulTrials } from "./ranker.js";

/** Successful trials that a trial is compared to: few enough for a rare disease to fill them. */
const NEIGHBOURS = 10;
/** Trials that are compared at once. */
const LOT = 32;

/**
 * Mean cosine similarity of a trial's criteria to those of its {@link NEIGHBOURS} nearest successful
 * trials: of the known successes, or of all where none is known. Mean hidden states of all texts lie close
 * to one direction, which leaves cosines near 1 (Ethayarajh 2019), so they are standardised first, by
 * these trials alone.
 */
export const nearestSuccessful: Ranker = {
  name: "nearest-successful",
  title: "nearest successful trials",
  needs: "sct",
  readsStates: true,
  areProbabilities: false,
  async rank(trials, context) {
    const { processor, watcher, cache } = context;
    const sct = successfulTrials(context, trials);
    const successes = sct.filter(({ known }) => known);
    const successful = successes.length > 0 ? successes : sct;
    const standardise = standardiser(successful);
    const width = successful[0]!.states.length;
    const rows = (some: readonly BaselineTrial[], count: number) => {
      const directions = new Float32Array(count * width);
      some.forEach(({ states }, row) => {
        directions.set(standardise(states), row * width);
      });
      return directions;
    };
    const known = rows(successful, successful.length);
    const graph = new Graph();
    const cosines = matmul(
      graph.input("lot", [LOT, width]),
      graph.input("known", [successful.length, width]),
      { transposeB: true },
    );
    graph.output("cosines", cosines); // [LOT, successful trials]
    const session = await compile(graph, processor);
    const scores = new Float64Array(trials.length);
    for (let first = 0; first < trials.length; first += LOT) {
      watcher.report({
        stage: "Finding successful trials alike",
        done: first,
        total: trials.length,
      });
      if (watcher.stopping()) throw new Interrupted(cache, "by running the command again");
      const lot = trials.slice(first, first + LOT);
      const results = await session.run({ lot: rows(lot, LOT), known });
      const all = floats(results.cosines);
      lot.forEach((_, row) => {
        const own = all.slice(row * successful.length, (row + 1) * successful.length);
        const nearest = own.sort().subarray(-NEIGHBOURS);
        scores[first + row] = nearest.reduce((sum, cosine) => sum + cosine, 0) / nearest.length;
      });
    }
    await session.release();
    return { scores };
  },
};

/** States → their direction of length 1 once each column has mean 0 and deviation 1 over the trials. */
function standardiser(trials: readonly BaselineTrial[]): (states: Float32Array) => Float32Array {
  const width = trials[0]!.states.length;
  const columns = Array.from({ length: width }, (_, i) => {
    // Summed before it is divided, the mean of a column of equal numbers is exact, its deviation 0.
    const mean = trials.reduce((sum, { states }) => sum + states[i]!, 0) / trials.length;
    const squares = trials.reduce((sum, { states }) => sum + (states[i]! - mean) ** 2, 0);
    return { mean, deviation: Math.sqrt(squares / trials.length) };
  });
  return (states) => {
    const z = states.map((value, i) => {
      const { mean, deviation } = columns[i]!;
      return deviation > 0 ? (value - mean) / deviation : 0;
    });
    const length = Math.hypot(...z);
    return length > 0 ? z.map((value) => value / length) : z;
  };
}
