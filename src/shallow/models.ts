import type { Labels } from "../base/labels.js";
import { recordOf } from "../base/record.js";
import { fitExtraTrees } from "./extra-trees.js";
import { type Forest, forestMeans } from "./forest.js";
import { fitLogisticRegression, type LogisticRegression, logitsOf } from "./logistic-regression.js";
import { type Features, halved, LINEAR_PARTS, type LinearPart } from "./space.js";
import { columnMoments, type SparseRows } from "./sparse.js";

const FOREST = { trees: 400, minLeaf: 3, columnShare: 0.3 };
/** A forest that says 0 or 1 is certain of no more than its few training trials. */
const LEAST_PROBABILITY = 1e-3;

/** Models of success that err differently: each sees another side of a trial. */
export interface Models {
  readonly linear: Readonly<Record<LinearPart, LogisticRegression>>;
  readonly forest: Forest;
}

export const PARTS = [...LINEAR_PARTS, "forest"] as const;
export type Part = (typeof PARTS)[number];

/** How strongly the models learn, and how much each counts. */
export interface LevelSettings {
  /** Inverse strength of each regression's penalty. */
  readonly c: Readonly<Record<LinearPart, number>>;
  /** Share of its own calibrated logit with which each model enters the sum. */
  readonly say: Readonly<Record<Part, number>>;
}

/**
 * Chosen on the latest training trials of TOP phase I by models of the earlier ones, and on trials
 * years later (bench/later-trials.js). Mean states and mean groups are two views of the same hidden
 * states: together they have one say.
 */
export const LEVEL_SETTINGS: LevelSettings = {
  c: { characters: 3, diseases: 0.3, states: 0.1, groups: 0.1, success: 1 },
  say: { characters: 1, diseases: 1, states: 0.5, groups: 0.5, success: 0.5, forest: 1 },
};

/** What each of the models says about each trial. */
export type Logits = Readonly<Record<Part, Float64Array>>;

/** Fits every model on the same trials. @throws InputError if all labels are the same. */
export function fitModels(
  features: Features,
  labels: Labels,
  { c, seed }: Pick<LevelSettings, "c"> & { readonly seed: number },
): Models {
  const forest = fitExtraTrees(features.forest, labels, { ...FOREST, seed });
  return {
    linear: recordOf(LINEAR_PARTS, (part) => {
      const dense = part === "states" || part === "groups" || part === "success";
      return (dense ? fitStandardised : fitLogisticRegression)(
        features.linear[part],
        labels,
        c[part],
      );
    }),
    forest: { ...forest, value: Float32Array.from(halved(forest.value)) },
  };
}

/**
 * The regression on columns brought to mean 0 and variance 1 / columns, so that C means the same for
 * every width; given for the columns as they are.
 */
function fitStandardised(x: SparseRows, labels: Labels, c: number): LogisticRegression {
  const { mean, deviation } = columnMoments(x);
  const factor = deviation.map((d) => (d > 0 ? x.columns ** -0.5 / d : 0));
  const values = x.values.map((value, k) => {
    const column = x.indices[k]!;
    return (value - mean[column]!) * factor[column]!;
  });
  const fitted = fitLogisticRegression({ ...x, values }, labels, c);
  const weights = halved(fitted.weights.map((weight, column) => weight * factor[column]!));
  const atMean = weights.reduce((sum, weight, column) => sum + weight * mean[column]!, 0);
  return { weights, intercept: fitted.intercept - atMean };
}

export function applyModels({ linear, forest }: Models, features: Features): Logits {
  const probabilities = forestMeans(forest, features.forest, features.rows);
  return {
    ...recordOf(LINEAR_PARTS, (part) => logitsOf(linear[part], features.linear[part])),
    forest: probabilities.map((p) => {
      const kept = Math.min(Math.max(p, LEAST_PROBABILITY), 1 - LEAST_PROBABILITY);
      return Math.log(kept / (1 - kept));
    }),
  };
}
