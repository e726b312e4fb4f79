/**
 * The shallow level: logistic regressions and trees, each on one kind of input alone (the criteria's
 * n-grams and layout, disease tokens, mean hidden states, mean grouped tokens), as one calibrated
 * logit of success. TF-IDF with logistic regression is also the baseline that every model has to beat.
 */
export {
  columnMajor,
  type Forest,
  forestMeans,
  forestOfNodes,
  growTree,
  type Nodes,
  type Split,
} from "./forest.js";
export { fitLevel, type Level, levelLogits } from "./level.js";
export { type Levels, readLevels, SHALLOW_FILE, writeLevels } from "./level-file.js";
export {
  fitLogisticRegression,
  type LogisticRegression,
  probabilitiesOf,
} from "./logistic-regression.js";
export {
  applyModels,
  LEVEL_SETTINGS,
  type LevelSettings,
  type Logits,
  PARTS,
  type Part,
} from "./models.js";
export {
  type Features,
  featuresOf,
  fitSpace,
  type ShallowInput,
  type Space,
  selectFeatures,
} from "./space.js";
export { columnMoments, denseRows, type SparseRows } from "./sparse.js";
export { applyTfIdf, fitTfIdf, type TfIdf, type TfIdfOptions } from "./tfidf.js";
