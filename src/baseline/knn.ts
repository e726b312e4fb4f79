import { positivesOfBoth } from "../base/labels.js";
import { logLoss } from "../evaluation/index.js";
import type { Baseline, BaselineTrial } from "./baseline.js";
import { leastOf } from "./choose.js";
import { dot, fitDirections } from "./embeddings.js";

/** Numbers of neighbours that validation trials choose from. */
const NEIGHBOURS = [1, 3, 5, 9, 15, 25, 45];

/**
 * k nearest neighbours by cosine in the frozen embedding space. k comes from the validation trials, by
 * log loss; without any it is the square root of the number of training trials.
 */
export const knn: Baseline = {
  name: "knn",
  title: "kNN",
  readsStates: true,
  areProbabilities: true,
  async fit({ trials, labels }, validation, { pool = trials }) {
    const baseRate = positivesOfBoth(labels) / trials.length;
    const direct = fitDirections(pool);
    const points = trials.map(direct);
    /** Outcomes of the training trials, the nearest first. */
    const outcomesBy = (trial: BaselineTrial) => {
      const point = direct(trial);
      const similarity = points.map((other) => dot(point, other));
      return [...similarity.keys()]
        .sort((a, b) => similarity[b]! - similarity[a]!)
        .map((row) => labels[row]!);
    };
    /** The share of successes among k neighbours and one more at the base rate: none is certain. */
    const probability = (outcomes: readonly number[], k: number) =>
      outcomes.slice(0, k).reduce((sum, outcome) => sum + outcome, baseRate) / (k + 1);
    const nearest = validation?.trials.map(outcomesBy) ?? [];
    const k = validation
      ? leastOf(
          NEIGHBOURS.filter((k) => k <= trials.length),
          (k) =>
            logLoss(
              validation.labels,
              nearest.map((outcomes) => probability(outcomes, k)),
            ),
        )
      : Math.round(Math.sqrt(trials.length));
    return async (some) => Float64Array.from(some, (trial) => probability(outcomesBy(trial), k));
  },
};
