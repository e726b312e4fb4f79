import { countPositives, type Labels, positivesOfBoth } from "../base/labels.js";
import { Random } from "../base/random.js";
import { applyTemperature, logLoss } from "../evaluation/index.js";
import { forestMeans, forestOfNodes, type Nodes } from "../shallow/index.js";
import type { Baseline, FitOptions } from "./baseline.js";
import { type FeatureRows, fitFeatures } from "./features.js";
import { binColumns, growHistogramTree, joinTrees, mapLeaves } from "./histogram-tree.js";
import { reportFit } from "./report-fit.js";

/** Settings of boosting, by XGBoost's names for them. */
export interface BoostingSettings {
  readonly learningRate: number;
  readonly maxDepth: number;
  readonly lambda: number;
  readonly minChildWeight: number;
  /** Shares of the rows and of the columns that each tree sees. */
  readonly subsample: number;
  readonly columnSample: number;
  /** Trees at most, and after how many without a better validation loss to stop. */
  readonly rounds: number;
  readonly patience: number;
}

/** λ and the least child weight are XGBoost's; the rest is as usual for many columns and few rows. */
const SETTINGS: BoostingSettings = {
  learningRate: 0.05,
  maxDepth: 4,
  lambda: 1,
  minChildWeight: 1,
  subsample: 0.8,
  columnSample: 0.3,
  rounds: 500,
  patience: 50,
};
/** Trees where no validation trials say how many. */
const FIXED_ROUNDS = 100;

/** Gradient boosting on the feature vectors; how many trees comes from the validation trials. */
export const gradientBoosting: Baseline = {
  name: "gradient-boosting",
  title: "Gradient boosting",
  readsStates: true,
  areProbabilities: true,
  async fit({ trials, labels }, validation, options) {
    positivesOfBoth(labels);
    const features = fitFeatures(trials);
    const boosted = boost(
      { features: features.rowsOf(trials), labels },
      validation && { features: features.rowsOf(validation.trials), labels: validation.labels },
      validation ? SETTINGS : { ...SETTINGS, rounds: FIXED_ROUNDS },
      options,
    );
    return async (some) => applyTemperature(boosted(features.rowsOf(some)), 1);
  },
};

interface LabelledRows {
  readonly features: FeatureRows;
  readonly labels: Labels;
}

/**
 * Gradient boosting of the log loss as XGBoost does it (Chen and Guestrin 2016): every tree is grown by
 * the second-order expansion of the loss around the logits so far, which start from the log odds of the
 * labels. With validation rows, the trees up to their least log loss are kept.
 * @returns rows → logits
 * @throws Interrupted if the watcher stops it
 */
export function boost(
  { features: { x, rows, columns }, labels }: LabelledRows,
  validation: LabelledRows | undefined,
  settings: BoostingSettings,
  { seed, watcher }: Pick<FitOptions, "seed" | "watcher">,
): (rows: FeatureRows) => Float64Array {
  const binned = binColumns(x, rows);
  const share = countPositives(labels) / rows;
  const start = Math.log(share / (1 - share));
  const logits = new Float64Array(rows).fill(start);
  const validLogits = new Float64Array(validation?.features.rows ?? 0).fill(start);
  const trees: Nodes[] = [];
  let best = { loss: Number.POSITIVE_INFINITY, trees: settings.rounds };
  for (let round = 0; round < settings.rounds; round++) {
    reportFit(watcher, "Boosting trees", round, settings.rounds);
    const random = new Random(seed, "gradient boosting", round);
    const probabilities = applyTemperature(logits, 1);
    const tree = growHistogramTree(
      binned,
      sample(rows, settings.subsample, random),
      {
        first: probabilities.map((p, row) => p - labels[row]!),
        second: probabilities.map((p) => p * (1 - p)),
      },
      { columns: sample(columns, settings.columnSample, random), tried: columns, random },
      settings,
    );
    const shrunk = mapLeaves(tree, (value) => settings.learningRate * value);
    trees.push(shrunk);
    const said = forestOfNodes(shrunk);
    plus(logits, forestMeans(said, x, rows));
    if (validation === undefined) continue;
    plus(validLogits, forestMeans(said, validation.features.x, validLogits.length));
    const loss = logLoss(validation.labels, applyTemperature(validLogits, 1));
    if (loss < best.loss) best = { loss, trees: trees.length };
    else if (trees.length - best.trees >= settings.patience) break;
  }
  const kept = trees.slice(0, best.trees);
  const forest = forestOfNodes(joinTrees(kept));
  return (some) => forestMeans(forest, some.x, some.rows).map((v) => start + kept.length * v);
}

/** A share of the numbers from 0 to n - 1, at least one of them, in ascending order. */
const sample = (n: number, share: number, random: Random): Int32Array =>
  random
    .permutation(n)
    .slice(0, Math.max(1, Math.round(share * n)))
    .sort();

function plus(sum: Float64Array, added: Float64Array): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += added[i]!;
}
