/**
 * What CLaDMoP is compared with: methods that learn from labelled trials, each behind the interface of
 * {@link Baseline}, on the same inputs as CLaDMoP.
 */
import { adaBoost } from "./adaboost.js";
import type { Baseline } from "./baseline.js";
import { ffnn } from "./ffnn.js";
import { gradientBoosting } from "./gradient-boosting.js";
import { knn } from "./knn.js";
import { knnRandomForest } from "./knn-random-forest.js";
import { logisticEmbeddings } from "./logistic-embeddings.js";
import { logisticRegression } from "./logistic-regression.js";
import { mexaCtp } from "./mexa-ctp.js";
import { prototypes } from "./prototypes.js";
import { randomForest } from "./random-forest.js";
import { tfIdfCharacters, tfIdfWords } from "./tf-idf.js";

export * from "./baseline.js";
export { type TextBaseline, tfIdfCharacters, tfIdfWords } from "./tf-idf.js";
export { baselineTrial, UnencodedTrial } from "./trial.js";

/** Every baseline by its name, in the order of tables. */
export const BASELINES: ReadonlyMap<string, Baseline> = new Map(
  [
    logisticRegression,
    randomForest,
    knnRandomForest,
    gradientBoosting,
    adaBoost,
    ffnn,
    tfIdfWords,
    tfIdfCharacters,
    mexaCtp,
    prototypes,
    knn,
    logisticEmbeddings,
  ].map((baseline) => [baseline.name, baseline]),
);
