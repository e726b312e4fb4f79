import { positivesOfBoth } from "../base/labels.js";
import type { Baseline } from "./baseline.js";
import { dot, fitDirections, meanOf, normalised } from "./embeddings.js";

/**
 * Nearest class mean in the frozen embedding space (prototypical networks, Snell, Swersky and Zemel
 * 2017, without their training): the score is the cosine to the mean success less that to the mean
 * failure. It ranks trials and is no probability.
 */
export const prototypes: Baseline = {
  name: "prototypes",
  title: "Prototypes",
  readsStates: true,
  areProbabilities: false,
  async fit({ trials, labels }, _, { pool = trials }) {
    positivesOfBoth(labels);
    const direct = fitDirections(pool);
    const points = trials.map(direct);
    const [failure, success] = [0, 1].map((outcome) =>
      normalised(meanOf(points.filter((_, row) => labels[row] === outcome))),
    ) as [Float64Array, Float64Array];
    return async (some) =>
      Float64Array.from(some, (trial) => {
        const point = direct(trial);
        return dot(point, success) - dot(point, failure);
      });
  },
};
