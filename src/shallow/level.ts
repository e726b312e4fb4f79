import { InputError } from "../base/error.js";
import { type Labels, positivesOfBoth, splitAtFold, stratifiedFolds } from "../base/labels.js";
import { Random } from "../base/random.js";
import { recordOf } from "../base/record.js";
import { fitLogisticRegression } from "./logistic-regression.js";
import {
  applyModels,
  fitModels,
  LEVEL_SETTINGS,
  type LevelSettings,
  type Logits,
  type Models,
  PARTS,
  type Part,
} from "./models.js";
import { rowSpace } from "./row-space.js";
import { type Features, halved, selectFeatures } from "./space.js";
import { denseRows } from "./sparse.js";

const FOLDS = 5;

/** logit = Σ weight × the part's logit + intercept. */
export interface Combination {
  readonly weights: Readonly<Record<Part, number>>;
  readonly intercept: number;
}

/** What the shallow models together say about success. */
export interface Level {
  readonly models: Models;
  readonly combination: Combination;
}

/** The calibrated logit of success of each trial. */
export const levelLogits = ({ models, combination }: Level, features: Features): Float64Array =>
  combine(applyModels(models, features), combination);

/**
 * Fits the level: a logistic regression on each kind of input and extremely randomised trees on the
 * text's semantic axes and layout. Their logits are calibrated (Platt 1999) one by one, so that a model
 * that learned nothing says nothing, then added and calibrated again, on predictions for trials that
 * the models had not seen.
 * @returns the level, and those out-of-fold predictions as calibrated logits: what a model that takes
 *   the level as an input must be trained on; `parts` has each model's own
 * @throws InputError if a label is not 0 or 1, or there are fewer than FOLDS trials of either outcome
 */
export function fitLevel(
  features: Features,
  labels: Labels,
  { seed, settings = LEVEL_SETTINGS }: { readonly seed: number; readonly settings?: LevelSettings },
): { level: Level; outOfFold: Float64Array; parts: Logits } {
  const positives = positivesOfBoth(labels);
  if (Math.min(positives, labels.length - positives) < FOLDS) {
    throw new InputError(`${positives} of ${labels.length} labels are 1`, {
      field: "label",
      remedy: `Give at least ${FOLDS} trials of either outcome`,
    });
  }
  // The n-grams by their coordinates: the same models, sooner.
  const { coordinates, weightsOf } = rowSpace(features.linear.characters);
  const narrow = { ...features, linear: { ...features.linear, characters: coordinates } };
  const { c, say } = settings;
  const parts: Logits = recordOf(PARTS, () => new Float64Array(labels.length));
  const folds = stratifiedFolds(labels, FOLDS, new Random(seed, "folds"));
  for (let held = 0; held < FOLDS; held++) {
    const { known, unseen } = splitAtFold(folds, held);
    const models = fitModels(
      selectFeatures(narrow, known),
      known.map((row) => labels[row]!),
      { c, seed },
    );
    const said = applyModels(models, selectFeatures(narrow, unseen));
    for (const part of PARTS)
      unseen.forEach((row, i) => {
        parts[part][row] = said[part][i]!;
      });
  }
  const combination = fitCombination(parts, labels, say);
  const { linear, forest } = fitModels(narrow, labels, { c, seed });
  // As the file holds them; the other models are rounded where their intercepts depend on it.
  const characters = {
    ...linear.characters,
    weights: halved(weightsOf(linear.characters.weights)),
  };
  const diseases = { ...linear.diseases, weights: halved(linear.diseases.weights) };
  return {
    level: { models: { linear: { ...linear, characters, diseases }, forest }, combination },
    outOfFold: combine(parts, combination),
    parts,
  };
}

function combine(logits: Logits, { weights, intercept }: Combination): Float64Array {
  const sum = new Float64Array(logits.forest.length).fill(intercept);
  for (const part of PARTS)
    for (let i = 0; i < sum.length; i++) sum[i]! += weights[part] * logits[part][i]!;
  return sum;
}

/** Slopes of the logits one by one, then slope and intercept of their sum, by maximum likelihood. */
function fitCombination(logits: Logits, labels: Labels, say: LevelSettings["say"]): Combination {
  const weights = recordOf(PARTS, (part) => {
    // A model that learned nothing gives each fold its base rate, which goes against the labels.
    const slope = Math.max(0, fitSlope(logits[part], labels).slope);
    return say[part] * slope;
  });
  const sum = combine(logits, { weights, intercept: 0 });
  const { slope, intercept } = fitSlope(sum, labels);
  return { weights: recordOf(PARTS, (part) => slope * weights[part]), intercept };
}

/** The logistic regression of labels on one column, with no penalty to speak of. */
function fitSlope(column: Float64Array, labels: Labels): { slope: number; intercept: number } {
  const spread = deviation(column) || 1; // brings the slope to a size that the penalty can bear
  const rows = Array.from(column, (value) => [value / spread]);
  const { weights, intercept } = fitLogisticRegression(denseRows(rows), labels, 1e6);
  return { slope: weights[0]! / spread, intercept };
}

function deviation(values: Float64Array): number {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
}
