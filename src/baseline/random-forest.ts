import { type Labels, positivesOfBoth } from "../base/labels.js";
import { Random } from "../base/random.js";
import { type Forest, forestMeans, forestOfNodes } from "../shallow/index.js";
import type { Baseline, FitOptions } from "./baseline.js";
import { type FeatureRows, fitFeatures } from "./features.js";
import { binColumns, growHistogramTree, joinTrees } from "./histogram-tree.js";
import { reportFit } from "./report-fit.js";

const TREES = 500;

/** Random forest on the feature vectors; nothing is chosen on validation trials. */
export const randomForest: Baseline = {
  name: "random-forest",
  title: "RF",
  readsStates: true,
  areProbabilities: true,
  async fit({ trials, labels }, _validation, options) {
    positivesOfBoth(labels);
    const features = fitFeatures(trials);
    const forest = fitRandomForest(features.rowsOf(trials), labels, options);
    return async (some) => forestMeans(forest, features.rowsOf(some).x, some.length);
  },
};

/**
 * A random forest (Breiman 2001) as scikit-learn's `RandomForestClassifier` grows it: each tree sees a
 * bootstrap sample of the rows, each split the square root of the columns, and leaves are pure. The mean
 * of the trees' leaves is P(1).
 * @throws Interrupted if the watcher stops it
 */
export function fitRandomForest(
  { x, rows, columns }: FeatureRows,
  labels: Labels,
  { seed, watcher }: Pick<FitOptions, "seed" | "watcher">,
): Forest {
  const binned = binColumns(x, rows);
  const tried = Math.max(1, Math.floor(Math.sqrt(columns)));
  const trees = Array.from({ length: TREES }, (_, tree) => {
    reportFit(watcher, "Growing a random forest", tree, TREES);
    const random = new Random(seed, "random forest", tree);
    const drawn = new Float64Array(rows);
    for (let i = 0; i < rows; i++) drawn[random.integer(rows)]! += 1;
    const order = Int32Array.from(drawn.keys()).filter((row) => drawn[row]! > 0);
    const first = drawn.map((weight, row) => -weight * labels[row]!);
    const candidates = {
      columns: Int32Array.from({ length: columns }, (_, c) => c),
      tried,
      random,
    };
    return growHistogramTree(binned, order, { first, second: drawn }, candidates, {
      maxDepth: Number.POSITIVE_INFINITY,
      lambda: 0,
      minChildWeight: 1,
    });
  });
  return forestOfNodes(joinTrees(trees));
}
