import { fromFloat16, toFloat16 } from "../base/float16.js";
import type { Labels } from "../base/labels.js";
import { Random } from "../base/random.js";
import { LAYOUT_FIELDS, layoutVector, plainText, type Trial } from "../trial/index.js";
import { type ExtraTrees, fitExtraTrees, forestProbabilities } from "./extra-trees.js";
import { fitLogisticRegression, type LogisticRegression, logitsOf } from "./logistic-regression.js";
import { type SparseRows, selectRows } from "./sparse.js";
import { type Axes, fitAxes, project } from "./svd.js";
import { countTerms, learnTfIdf, type TermCounts, type TfIdf, weighTerms } from "./tfidf.js";

// Settings chosen by cross-validation on the training trials of TOP phase I (bench/surface.js).
const CHARACTERS = { analyzer: "char", ngrams: [3, 5], minTexts: 20, sublinear: true } as const;
const WORDS = { analyzer: "word", ngrams: [1, 2], minTexts: 10, sublinear: true } as const;
const C = 3;
const RANK = 60;
const FOREST = { trees: 400, minLeaf: 3, columnShare: 0.3 };
/** A forest that says 0 or 1 is certain of no more than its few training trials. */
const LEAST_PROBABILITY = 1e-3;

/** The eligibility criteria of some trials as the models see them. */
export interface Surfaces {
  readonly characters: TermCounts;
  readonly words: TermCounts;
  /** {@link layoutVector} of each trial as ln(1 + figure). */
  readonly layout: readonly Float32Array[];
}

/** How characters and words become numbers. */
interface Vocabularies {
  readonly characters: TfIdf;
  readonly words: TfIdf;
}

/** How they become few numbers: latent semantic axes. */
interface SemanticAxes {
  readonly characterAxes: Axes;
  readonly wordAxes: Axes;
}

/** Two models of success, as different as can be: their errors are, too. */
export interface Models extends Vocabularies, SemanticAxes {
  /** On TF-IDF of characters. */
  readonly linear: LogisticRegression;
  /** On the coordinates along both axes and the layout. */
  readonly forest: ExtraTrees;
}

/** What each of the models says about each trial. */
export interface Logits {
  readonly linear: Float64Array;
  readonly forest: Float64Array;
}

/** Number of values a trial has for the forest. */
export const forestColumns = ({ characterAxes, wordAxes }: SemanticAxes): number =>
  characterAxes.rank + wordAxes.rank + LAYOUT_FIELDS.length;

/** @param known If given, only the terms that these have learned are counted. */
export function surfacesOf(trials: readonly Trial[], known?: Vocabularies): Surfaces {
  const texts = trials.map(({ eligibilityCriteria }) => plainText(eligibilityCriteria));
  return {
    characters: countTerms(texts, CHARACTERS, known?.characters.columns),
    words: countTerms(texts, WORDS, known?.words.columns),
    // Thresholds are drawn between the least and the greatest figure: without the logarithm most
    // would lie among a few very long texts.
    layout: trials.map(({ eligibilityCriteria }) =>
      layoutVector(eligibilityCriteria).map(Math.log1p),
    ),
  };
}

export function selectSurfaces(
  { characters, words, layout }: Surfaces,
  rows: readonly number[],
): Surfaces {
  return {
    characters: { ...characters, counts: selectRows(characters.counts, rows) },
    words: { ...words, counts: selectRows(words.counts, rows) },
    layout: rows.map((row) => layout[row]!),
  };
}

/** Fits both models and all they stand on. @throws InputError if all labels are the same. */
export function fitModels(surfaces: Surfaces, labels: Labels, seed: number): Models {
  const characters = halvedIdf(learnTfIdf(surfaces.characters));
  const words = halvedIdf(learnTfIdf(surfaces.words));
  const characterRows = weighTerms(characters, surfaces.characters);
  const wordRows = weighTerms(words, surfaces.words);
  const axes = {
    characterAxes: halvedAxes(fitAxes(characterRows, RANK, new Random(seed, "characters"))),
    wordAxes: halvedAxes(fitAxes(wordRows, RANK, new Random(seed, "words"))),
  };
  const linear = fitLogisticRegression(characterRows, labels, C);
  const features = forestFeatures(axes, characterRows, wordRows, surfaces.layout);
  const forest = fitExtraTrees(features, labels, { ...FOREST, seed });
  return {
    characters,
    words,
    ...axes,
    linear: { ...linear, weights: halved(linear.weights) },
    forest: { ...forest, value: Float32Array.from(halved(forest.value)) },
  };
}

/** Values as the file holds them, so that models just fitted and models loaded agree to the bit. */
const halved = (values: ArrayLike<number>): Float64Array =>
  Float64Array.from(fromFloat16(toFloat16(Float32Array.from(values))));
const halvedIdf = (tfidf: TfIdf): TfIdf => ({ ...tfidf, idf: halved(tfidf.idf) });
const halvedAxes = (axes: Axes): Axes => ({ ...axes, directions: halved(axes.directions) });

export function applyModels(models: Models, surfaces: Surfaces): Logits {
  const characterRows = weighTerms(models.characters, surfaces.characters);
  const wordRows = weighTerms(models.words, surfaces.words);
  const features = forestFeatures(models, characterRows, wordRows, surfaces.layout);
  const probabilities = forestProbabilities(models.forest, features, surfaces.layout.length);
  return {
    linear: logitsOf(models.linear, characterRows),
    forest: probabilities.map((p) => {
      const kept = Math.min(Math.max(p, LEAST_PROBABILITY), 1 - LEAST_PROBABILITY);
      return Math.log(kept / (1 - kept));
    }),
  };
}

/** [trials, forestColumns] row-major. */
function forestFeatures(
  axes: SemanticAxes,
  characterRows: SparseRows,
  wordRows: SparseRows,
  layout: readonly Float32Array[],
): Float32Array {
  const { characterAxes, wordAxes } = axes;
  const characters = project(characterAxes, characterRows);
  const words = project(wordAxes, wordRows);
  const width = forestColumns(axes);
  const features = new Float32Array(layout.length * width);
  const copy = (from: Float64Array, rank: number, row: number, at: number) =>
    features.set(from.subarray(row * rank, (row + 1) * rank), row * width + at);
  layout.forEach((figures, row) => {
    copy(characters, characterAxes.rank, row, 0);
    copy(words, wordAxes.rank, row, characterAxes.rank);
    features.set(figures, (row + 1) * width - figures.length);
  });
  return features;
}
