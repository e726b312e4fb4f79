import { positivesOfBoth } from "../base/labels.js";
import type { Baseline } from "./baseline.js";
import { fitDenseRegression } from "./dense-regression.js";
import { fitFeatures } from "./features.js";

/** Logistic regression on the feature vectors. */
export const logisticRegression: Baseline = {
  name: "logistic-regression",
  title: "LR",
  readsStates: true,
  areProbabilities: true,
  async fit({ trials, labels }, validation) {
    positivesOfBoth(labels);
    const features = fitFeatures(trials);
    const predict = fitDenseRegression(
      features.rowsOf(trials),
      labels,
      validation && { rows: features.rowsOf(validation.trials), labels: validation.labels },
    );
    return async (some) => predict(features.rowsOf(some));
  },
};
