import { z } from "zod";
import { InputError } from "../base/error.js";
import { fromFloat16, toFloat16 } from "../base/float16.js";
import { type Labels, positivesOfBoth } from "../base/labels.js";
import { Random } from "../base/random.js";
import { readSafetensors, type TensorData, writeSafetensors } from "../base/safetensors.js";
import { LAYOUT_FIELDS, layoutVector, plainText, type Trial } from "../trial/index.js";
import { type ExtraTrees, fitExtraTrees, forestOf, forestProbabilities } from "./extra-trees.js";
import { fitLogisticRegression, type LogisticRegression, logitsOf } from "./logistic-regression.js";
import type { SparseRows } from "./sparse.js";
import { type Axes, fitAxes, project } from "./svd.js";
import { applyTfIdf, fitTfIdf, type TfIdf, type TfIdfOptions } from "./tfidf.js";

/** Chosen by cross-validation on the training trials of TOP phase I (bench/surface.js). */
const CHARACTERS: TfIdfOptions = {
  analyzer: "char",
  ngrams: [3, 5],
  minTexts: 20,
  sublinear: true,
};
const WORDS: TfIdfOptions = { analyzer: "word", ngrams: [1, 2], minTexts: 10, sublinear: true };
const C = 3;
const RANK = 60;
const FOREST = { trees: 400, minLeaf: 3, columnShare: 0.3 };
const FOLDS = 5;
/** A forest's probability of 0 or 1 is certain of nothing but few training trials. */
const LEAST_PROBABILITY = 1e-3;

/** The two models of the level, each of which gives a logit. */
interface Models {
  readonly characters: TfIdf;
  readonly words: TfIdf;
  readonly linear: LogisticRegression;
  readonly characterAxes: Axes;
  readonly wordAxes: Axes;
  readonly forest: ExtraTrees;
}

/** logit = linear × the linear model's logit + forest × the forest's + intercept. */
interface Combination {
  readonly linear: number;
  readonly forest: number;
  readonly intercept: number;
}

/** The logits of both models for each trial. */
export interface SurfaceParts {
  readonly linear: Float64Array;
  readonly forest: Float64Array;
}

/** The eligibility criteria of a trial as the level sees them. */
interface Surface {
  readonly text: string;
  readonly layout: Float32Array;
}

/** What the surface of the eligibility criteria says about success. */
export class SurfaceLevel {
  constructor(
    private readonly models: Models,
    private readonly combination: Combination,
  ) {}

  /** The calibrated logit of success of each trial. */
  logits(trials: readonly Trial[]): Float64Array {
    return combine(this.parts(trials), this.combination);
  }

  /** The logits of the linear model and of the forest, before they are combined. */
  parts(trials: readonly Trial[]): SurfaceParts {
    return applyModels(this.models, trials.map(surfaceOf));
  }

  /** Reads a level that {@link save} wrote. @throws InputError if the file is damaged. */
  static load(path: string): SurfaceLevel {
    const { tensors, metadata } = readSafetensors(path);
    const fail = (problem: string, field: string): InputError =>
      new InputError(problem, { file: path, field, remedy: "Fetch or write the file again" });
    const tensor = (name: string, shape: readonly (number | undefined)[]): Float32Array => {
      const found = tensors.get(name);
      if (found === undefined) throw fail("is missing", name);
      const fits =
        found.shape.length === shape.length &&
        shape.every((size, axis) => size === undefined || size === found.shape[axis]);
      if (!fits) throw fail(`has shape [${found.shape}]`, name);
      if (!found.data.every(Number.isFinite)) throw fail("holds values that are no numbers", name);
      return found.data;
    };
    const read = <T>(name: string, schema: z.ZodType<T>): T => {
      const text = metadata[name];
      if (text === undefined) throw fail("is missing", name);
      try {
        return schema.parse(JSON.parse(text));
      } catch {
        throw fail("is damaged", name);
      }
    };
    const vectorizer = (name: string, options: TfIdfOptions): TfIdf => {
      const terms = read(`${name}.terms`, z.array(z.string()));
      return {
        options,
        columns: new Map(terms.map((term, column) => [term, column])),
        idf: Float64Array.from(tensor(`${name}.idf`, [terms.length])),
      };
    };
    const axes = (name: string, { columns }: TfIdf): Axes => {
      const rank = tensors.get(`${name}.axes`)?.shape[1] ?? 0;
      return { rank, directions: tensor(`${name}.axes`, [columns.size, undefined]) };
    };
    const characters = vectorizer("characters", CHARACTERS);
    const words = vectorizer("words", WORDS);
    const characterAxes = axes("characters", characters);
    const wordAxes = axes("words", words);
    const column = tensor("forest.column", [undefined]);
    const value = tensor("forest.value", [column.length]);
    const features = characterAxes.rank + wordAxes.rank + LAYOUT_FIELDS.length;
    if (!column.every((c) => Number.isInteger(c) && c >= -1 && c < features)) {
      throw fail(`names columns beyond its ${features} features`, "forest.column");
    }
    const forest = forestOf(Int32Array.from(column), value);
    if (forest === undefined) throw fail("ends within a tree", "forest.column");
    return new SurfaceLevel(
      {
        characters,
        words,
        linear: {
          weights: Float64Array.from(tensor("linear.weights", [characters.columns.size])),
          intercept: read("linear.intercept", z.number()),
        },
        characterAxes,
        wordAxes,
        forest,
      },
      read(
        "combination",
        z.object({ linear: z.number(), forest: z.number(), intercept: z.number() }),
      ),
    );
  }

  /** Writes the level as one safetensors file. @throws InputError if it cannot be written. */
  save(path: string): void {
    const { characters, words, linear, characterAxes, wordAxes, forest } = this.models;
    const vector = (data: ArrayLike<number>): TensorData => ({
      shape: [data.length],
      data: Float32Array.from(data),
    });
    const matrix = ({ directions, rank }: Axes): TensorData => ({
      shape: [directions.length / rank, rank],
      data: directions,
    });
    writeSafetensors(
      path,
      new Map([
        ["characters.idf", vector(characters.idf)],
        ["characters.axes", matrix(characterAxes)],
        ["words.idf", vector(words.idf)],
        ["words.axes", matrix(wordAxes)],
        ["linear.weights", vector(linear.weights)],
        ["forest.column", vector(forest.column)],
        ["forest.value", vector(forest.value)],
      ]),
      {
        dtype: "F16",
        metadata: {
          "characters.terms": JSON.stringify([...characters.columns.keys()]),
          "words.terms": JSON.stringify([...words.columns.keys()]),
          "linear.intercept": JSON.stringify(linear.intercept),
          combination: JSON.stringify(this.combination),
        },
      },
    );
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
  const surfaces = trials.map(surfaceOf);
  const pick = <T>(from: ArrayLike<T>, rows: readonly number[]) => rows.map((row) => from[row]!);

  const unseen: SurfaceParts = {
    linear: new Float64Array(labels.length),
    forest: new Float64Array(labels.length),
  };
  const fold = stratifiedFolds(labels, new Random(seed, "folds"));
  for (let held = 0; held < FOLDS; held++) {
    const [inside, outside] = [[], []] as [number[], number[]];
    fold.forEach((f, row) => {
      (f === held ? outside : inside).push(row);
    });
    const models = fitModels(pick(surfaces, inside), pick(labels, inside), seed);
    const parts = applyModels(models, pick(surfaces, outside));
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

function surfaceOf({ eligibilityCriteria }: Trial): Surface {
  const text = plainText(eligibilityCriteria);
  // Logarithms keep a threshold drawn between the least and the greatest figure from being too rough
  // for most trials.
  return { text, layout: layoutVector(eligibilityCriteria).map(Math.log1p) };
}

const textsOf = (surfaces: readonly Surface[]) => surfaces.map(({ text }) => text);

function fitModels(surfaces: readonly Surface[], labels: Labels, seed: number): Models {
  const texts = textsOf(surfaces);
  const characters = stored(fitTfIdf(texts, CHARACTERS));
  const words = stored(fitTfIdf(texts, WORDS));
  const characterRows = applyTfIdf(characters, texts);
  const wordRows = applyTfIdf(words, texts);
  const linear = fitLogisticRegression(characterRows, labels, C);
  const characterAxes = fitAxes(characterRows, RANK, new Random(seed, "characters"));
  const wordAxes = fitAxes(wordRows, RANK, new Random(seed, "words"));
  const axes = {
    characterAxes: { ...characterAxes, directions: halved(characterAxes.directions) },
    wordAxes: { ...wordAxes, directions: halved(wordAxes.directions) },
  };
  const features = forestFeatures(axes, surfaces, characterRows, wordRows);
  const forest = fitExtraTrees(features, labels, { ...FOREST, seed });
  return {
    characters,
    words,
    ...axes,
    linear: { ...linear, weights: Float64Array.from(halved(Float32Array.from(linear.weights))) },
    forest: { ...forest, value: halved(forest.value) },
  };
}

/** Values as the file holds them, so that a level just fitted and one loaded agree to the bit. */
const halved = (values: Float32Array): Float32Array => fromFloat16(toFloat16(values));
const stored = (tfidf: TfIdf): TfIdf => ({
  ...tfidf,
  idf: Float64Array.from(halved(Float32Array.from(tfidf.idf))),
});

function applyModels(models: Models, surfaces: readonly Surface[]): SurfaceParts {
  const texts = textsOf(surfaces);
  const characterRows = applyTfIdf(models.characters, texts);
  const wordRows = applyTfIdf(models.words, texts);
  const features = forestFeatures(models, surfaces, characterRows, wordRows);
  const probabilities = forestProbabilities(models.forest, features, surfaces.length);
  return {
    linear: logitsOf(models.linear, characterRows),
    forest: probabilities.map((p) => {
      const kept = Math.min(Math.max(p, LEAST_PROBABILITY), 1 - LEAST_PROBABILITY);
      return Math.log(kept / (1 - kept));
    }),
  };
}

/** [trials, both ranks + layout figures] row-major. */
function forestFeatures(
  { characterAxes, wordAxes }: Pick<Models, "characterAxes" | "wordAxes">,
  surfaces: readonly Surface[],
  characterRows: SparseRows,
  wordRows: SparseRows,
): Float32Array {
  const coordinates = [
    { rank: characterAxes.rank, values: project(characterAxes, characterRows) },
    { rank: wordAxes.rank, values: project(wordAxes, wordRows) },
  ];
  return Float32Array.from(
    surfaces.flatMap(({ layout }, row) => [
      ...coordinates.flatMap(({ rank, values }) => [
        ...values.subarray(row * rank, (row + 1) * rank),
      ]),
      ...layout,
    ]),
  );
}

/** The fold of each row: every fold gets its share of both outcomes. */
function stratifiedFolds(labels: Labels, random: Random): Int32Array {
  const folds = new Int32Array(labels.length);
  let dealt = 0;
  const order = random.permutation(labels.length);
  for (const outcome of [0, 1]) {
    for (const row of order) if (labels[row] === outcome) folds[row] = dealt++ % FOLDS;
  }
  return folds;
}

function combine({ linear, forest }: SurfaceParts, weights: Combination): Float64Array {
  return linear.map((l, i) => weights.linear * l + weights.forest * forest[i]! + weights.intercept);
}

/** Mean of both logits at unit standard deviation, then slope and intercept by maximum likelihood. */
function fitCombination({ linear, forest }: SurfaceParts, labels: Labels): Combination {
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
