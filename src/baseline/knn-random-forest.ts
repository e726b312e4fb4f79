import { positivesOfBoth } from "../base/labels.js";
import { forestMeans } from "../shallow/index.js";
import type { Baseline, BaselineTrial } from "./baseline.js";
import { fitFeatures, fitStandardisation } from "./features.js";
import { fitImputation } from "./knn-imputation.js";
import { fitRandomForest } from "./random-forest.js";

/**
 * HINT's kNN + RF: what a trial lacks, its molecules or its diseases, is filled in from the training
 * trials most like it in everything else, then a random forest is fitted. The other baselines read 0
 * there, which a tree can tell apart from a value. Distances are taken of standardised columns, with that
 * 0 as the value of the missing.
 */
export const knnRandomForest: Baseline = {
  name: "knn-random-forest",
  title: "kNN + RF",
  readsStates: true,
  areProbabilities: true,
  async fit({ trials, labels }, _validation, options) {
    positivesOfBoth(labels);
    const features = fitFeatures(trials);
    const standardise = fitStandardisation(features.rowsOf(trials));
    const holed = (some: readonly BaselineTrial[]) =>
      standardise(features.rowsOf(some, Number.NaN));
    const known = holed(trials);
    const impute = fitImputation(known);
    const forest = fitRandomForest(impute(known), labels, options);
    return async (some) => forestMeans(forest, impute(holed(some)).x, some.length);
  },
};
