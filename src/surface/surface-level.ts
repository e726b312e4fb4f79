import { InputError } from "../base/error.js";
import { type Labels, positivesOfBoth, stratifiedFolds } from "../base/labels.js";
import { Random } from "../base/random.js";
import type { Trial } from "../trial/index.js";
import { type Combination, readLevel, writeLevel } from "./level-file.js";
import { fitLogisticRegression } from "./logistic-regression.js";
import {
  applyModels,
  fitModels,
  type Logits,
  type Models,
  selectSurfaces,
  surfacesOf,
} from "./models.js";
import type { SparseRows } from "./sparse.js";

const FOLDS = 5;

/** What the surface of the eligibility criteria says about success. */
export class SurfaceLevel {
  constructor(
    private readonly models: Models,
    private readonly combination: Combination,
  ) {}

  /** Reads a level that {@link save} wrote. @throws InputError if the file is damaged. */
  static load(path: string): SurfaceLevel {
    const { models, combination } = readLevel(path);
    return new SurfaceLevel(models, combination);
  }

  /** Writes the level as one file. @throws InputError if it cannot be written. */
  save(path: string): void {
    writeLevel(path, this.models, this.combination);
  }

  /** The calibrated logit of success of each trial. */
  logits(trials: readonly Trial[]): Float64Array {
    return combine(this.parts(trials), this.combination);
  }

  /** The logits of the two models, before they are combined. */
  parts(trials: readonly Trial[]): Logits {
    return applyModels(this.models, surfacesOf(trials, this.models));
  }
}

/**
 * Fits the level: logistic regression on TF-IDF of characters, and extremely randomised trees on
 * latent semantic axes of characters and words and on layout figures. Both logits are brought to one
 * scale, averaged and calibrated (Platt 1999) on predictions for trials that the models had not seen.
 * @returns the level, and those out-of-fold predictions as calibrated logits: what a model that takes
 *   the level as an input must be trained on
 * @throws InputError if a label is not 0 or 1, or there are fewer than FOLDS trials of either outcome
 */
export function fitSurface(
  trials: readonly Trial[],
  labels: Labels,
  { seed }: { readonly seed: number },
): { level: SurfaceLevel; outOfFold: Float64Array } {
  const positives = positivesOfBoth(labels);
  if (Math.min(positives, labels.length - positives) < FOLDS) {
    throw new InputError(`${positives} of ${labels.length} labels are 1`, {
      field: "label",
      remedy: `Give at least ${FOLDS} trials of either outcome`,
    });
  }
  const surfaces = surfacesOf(trials);

  const unseen: Logits = {
    linear: new Float64Array(labels.length),
    forest: new Float64Array(labels.length),
  };
  const fold = stratifiedFolds(labels, FOLDS, new Random(seed, "folds"));
  for (let held = 0; held < FOLDS; held++) {
    const [inside, outside] = [[], []] as [number[], number[]];
    fold.forEach((f, row) => {
      (f === held ? outside : inside).push(row);
    });
    const models = fitModels(
      selectSurfaces(surfaces, inside),
      inside.map((row) => labels[row]!),
      seed,
    );
    const parts = applyModels(models, selectSurfaces(surfaces, outside));
    outside.forEach((row, i) => {
      unseen.linear[row] = parts.linear[i]!;
      unseen.forest[row] = parts.forest[i]!;
    });
  }
  const combination = fitCombination(unseen, labels);
  return {
    level: new SurfaceLevel(fitModels(surfaces, labels, seed), combination),
    outOfFold: combine(unseen, combination),
  };
}

function combine({ linear, forest }: Logits, weights: Combination): Float64Array {
  return linear.map((l, i) => weights.linear * l + weights.forest * forest[i]! + weights.intercept);
}

/** Mean of both logits at unit standard deviation, then slope and intercept by maximum likelihood. */
function fitCombination({ linear, forest }: Logits, labels: Labels): Combination {
  const equal = { linear: 0.5 / deviation(linear), forest: 0.5 / deviation(forest), intercept: 0 };
  const { weights, intercept } = fitLogisticRegression(
    columnOf(combine({ linear, forest }, equal)),
    labels,
    1e6, // no penalty to speak of
  );
  const slope = weights[0]!;
  return { linear: slope * equal.linear, forest: slope * equal.forest, intercept };
}

function deviation(values: Float64Array): number {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
}

/** A dense column in the form the regression reads. */
const columnOf = (values: Float64Array): SparseRows => ({
  rows: values.length,
  columns: 1,
  starts: Uint32Array.from({ length: values.length + 1 }, (_, i) => i),
  indices: new Uint32Array(values.length),
  values,
});
