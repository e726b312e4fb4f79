import { type Labels, positivesOfBoth } from "../base/labels.js";
import { Random } from "../base/random.js";
import { applyTemperature } from "../evaluation/index.js";
import { type Forest, forestMeans, forestOfNodes, type Nodes } from "../shallow/index.js";
import type { Baseline, FitOptions } from "./baseline.js";
import { type FeatureRows, fitFeatures } from "./features.js";
import { binColumns, growHistogramTree, joinTrees, mapLeaves } from "./histogram-tree.js";
import { reportFit } from "./report-fit.js";

const ROUNDS = 50;

/** AdaBoost on the feature vectors; nothing is chosen on validation trials. */
export const adaBoost: Baseline = {
  name: "adaboost",
  title: "AdaBoost",
  readsStates: true,
  areProbabilities: true,
  async fit({ trials, labels }, _validation, options) {
    positivesOfBoth(labels);
    const features = fitFeatures(trials);
    const forest = fitAdaBoost(features.rowsOf(trials), labels, options);
    // The votes as log odds, as scikit-learn's predict_proba takes them.
    return async (some) =>
      applyTemperature(forestMeans(forest, features.rowsOf(some).x, some.length), 1);
  },
};

/**
 * AdaBoost.SAMME (Zhu, Zou, Rosset and Hastie 2009, algorithm 2, for two classes AdaBoost.M1) on trees
 * of one split, as scikit-learn's `AdaBoostClassifier` with 50 of them.
 * @returns a forest whose mean is the weighted share of votes for 1 less that for 0: scikit-learn's
 *   `decision_function`
 * @throws Interrupted if the watcher stops it
 */
export function fitAdaBoost(
  { x, rows, columns }: FeatureRows,
  labels: Labels,
  { seed, watcher }: Pick<FitOptions, "seed" | "watcher">,
): Forest {
  const binned = binColumns(x, rows);
  const candidates = {
    columns: Int32Array.from({ length: columns }, (_, c) => c),
    tried: columns,
    random: new Random(seed, "AdaBoost"),
  };
  const stumps: { stump: Nodes; say: number }[] = [];
  let weights = new Float64Array(rows).fill(1);
  for (let round = 0; round < ROUNDS; round++) {
    reportFit(watcher, "Boosting stumps", round, ROUNDS);
    const order = Int32Array.from({ length: rows }, (_, row) => row);
    const first = weights.map((weight, row) => -weight * labels[row]!);
    const tree = growHistogramTree(binned, order, { first, second: weights }, candidates, {
      maxDepth: 1,
      lambda: 0,
      minChildWeight: 1e-6, // of rows whose mean weight is 1: no less than rounding leaves
    });
    const stump = mapLeaves(tree, (share) => (share > 0.5 ? 1 : -1));
    const votes = forestMeans(forestOfNodes(stump), x, rows);
    const wrong = votes.map((vote, row) => +(vote > 0 !== (labels[row] === 1)));
    const error = wrong.reduce((sum, miss, row) => sum + miss * weights[row]!, 0) / rows;
    if (error >= 0.5) break; // no better than chance
    // One that errs nowhere says all that there is to say.
    const say = error === 0 ? 1 : Math.log((1 - error) / error);
    stumps.push({ stump, say });
    if (error === 0) break;
    weights = weights.map((weight, row) => weight * Math.exp(say * wrong[row]!));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    weights = weights.map((weight) => (weight * rows) / total);
  }
  if (stumps.length === 0) return forestOfNodes({ column: [-1], value: [0] });
  const mean = stumps.reduce((sum, { say }) => sum + say, 0) / stumps.length;
  const weighted = stumps.map(({ stump, say }) => mapLeaves(stump, (vote) => (vote * say) / mean));
  return forestOfNodes(joinTrees(weighted));
}
