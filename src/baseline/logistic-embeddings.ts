import { positivesOfBoth } from "../base/labels.js";
import type { Baseline } from "./baseline.js";
import { fitDenseRegression } from "./dense-regression.js";
import { stateRows } from "./embeddings.js";

/** Logistic regression on the mean hidden states of the frozen encoder (a linear probe). */
export const logisticEmbeddings: Baseline = {
  name: "logistic-embeddings",
  title: "LR on embeddings",
  readsStates: true,
  areProbabilities: true,
  async fit({ trials, labels }, validation, { pool = trials }) {
    positivesOfBoth(labels);
    const predict = fitDenseRegression(
      stateRows(trials),
      labels,
      validation && { rows: stateRows(validation.trials), labels: validation.labels },
      stateRows(pool),
    );
    return async (some) => predict(stateRows(some));
  },
};
