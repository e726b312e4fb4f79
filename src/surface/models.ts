import { fromFloat16, toFloat16 } from "../base/float16.js";
import type { Labels } from "../base/labels.js";
import { Random } from "../base/random.js";
import { LAYOUT_FIELDS, layoutVector, plainText, type Trial } from "../trial/index.js";
import { type ExtraTrees, fitExtraTrees, forestProbabilities } from "./extra-trees.js";
import { fitLogisticRegression, type LogisticRegression, logitsOf } from "./logistic-regression.js";
import { selectRows } from "./sparse.js";
import { type Axes, fitAxes, project } from "./svd.js";
import {
  countTerms,
  learnTfIdf,
  type TermCounts,
  type TermOptions,
  type TfIdf,
  weighTerms,
} from "./tfidf.js";

// Settings chosen by cross-validation on the training trials of TOP phase I.
const CHARACTERS = { analyzer: "char", ngrams: [3, 5] } as const;
const WORDS = { analyzer: "word", ngrams: [1, 2] } as const;
/** Share of the texts in which a term must occur. Rare terms hardly move the axes, and fill the file. */
const LINEAR_SHARE = 0.0125;
const CHARACTER_AXES_SHARE = 0.025;
const WORD_AXES_SHARE = 0.0125;
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

/** Texts as few numbers: TF-IDF along its latent semantic axes. */
export interface SemanticSpace {
  readonly terms: TfIdf;
  readonly axes: Axes;
}

/** Two models of success that err differently. */
export interface Models {
  /** Logistic regression on TF-IDF of characters. */
  readonly linear: { readonly terms: TfIdf; readonly regression: LogisticRegression };
  /** What the forest reads besides the layout; the terms of `characters` are among `linear`'s. */
  readonly characters: SemanticSpace;
  readonly words: SemanticSpace;
  readonly forest: ExtraTrees;
}

/** What each of the models says about each trial. */
export interface Logits {
  readonly linear: Float64Array;
  readonly forest: Float64Array;
}

/** @param models If given, only the terms that they have learned are counted. */
export function surfacesOf(trials: readonly Trial[], models?: Models): Surfaces {
  const texts = trials.map(({ eligibilityCriteria }) => plainText(eligibilityCriteria));
  return {
    characters: countTerms(texts, CHARACTERS, models?.linear.terms.columns),
    words: countTerms(texts, WORDS, models?.words.terms.columns),
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
  const terms = learnTerms(surfaces.characters, CHARACTERS, LINEAR_SHARE);
  const regression = fitLogisticRegression(weighTerms(terms, surfaces.characters), labels, C);
  const characters = fitSpace(
    surfaces.characters,
    learnTerms(surfaces.characters, CHARACTERS, CHARACTER_AXES_SHARE),
    new Random(seed, "characters"),
  );
  const words = fitSpace(
    surfaces.words,
    learnTerms(surfaces.words, WORDS, WORD_AXES_SHARE),
    new Random(seed, "words"),
  );
  const features = forestFeatures({ characters, words }, surfaces);
  const forest = fitExtraTrees(features, labels, { ...FOREST, seed });
  return {
    linear: { terms, regression: { ...regression, weights: halved(regression.weights) } },
    characters,
    words,
    forest: { ...forest, value: Float32Array.from(halved(forest.value)) },
  };
}

function learnTerms(counts: TermCounts, options: TermOptions, share: number): TfIdf {
  const minTexts = Math.max(2, Math.round(share * counts.counts.rows));
  const terms = learnTfIdf(counts, { ...options, minTexts, sublinear: true });
  return { ...terms, idf: halved(terms.idf) };
}

function fitSpace(counts: TermCounts, terms: TfIdf, random: Random): SemanticSpace {
  const axes = fitAxes(weighTerms(terms, counts), RANK, random);
  return { terms, axes: { ...axes, directions: halved(axes.directions) } };
}

/** Values as the file holds them, so that models just fitted and models loaded agree to the bit. */
const halved = (values: ArrayLike<number>): Float64Array =>
  Float64Array.from(fromFloat16(toFloat16(Float32Array.from(values))));

export function applyModels(models: Models, surfaces: Surfaces): Logits {
  const { terms, regression } = models.linear;
  const features = forestFeatures(models, surfaces);
  const probabilities = forestProbabilities(models.forest, features, surfaces.layout.length);
  return {
    linear: logitsOf(regression, weighTerms(terms, surfaces.characters)),
    forest: probabilities.map((p) => {
      const kept = Math.min(Math.max(p, LEAST_PROBABILITY), 1 - LEAST_PROBABILITY);
      return Math.log(kept / (1 - kept));
    }),
  };
}

type Spaces = Pick<Models, "characters" | "words">;

/** How many numbers the forest has of a trial. */
export const featureCount = ({ characters, words }: Spaces): number =>
  characters.axes.rank + words.axes.rank + LAYOUT_FIELDS.length;

/** [trials, featureCount] row-major: coordinates by characters, by words, layout. */
function forestFeatures(spaces: Spaces, surfaces: Surfaces): Float32Array {
  const width = featureCount(spaces);
  const features = new Float32Array(surfaces.layout.length * width);
  let start = 0;
  for (const part of ["characters", "words"] as const) {
    const { terms, axes } = spaces[part];
    const coordinates = project(axes, weighTerms(terms, surfaces[part]));
    for (let row = 0; row < surfaces.layout.length; row++) {
      const own = coordinates.subarray(row * axes.rank, (row + 1) * axes.rank);
      features.set(own, row * width + start);
    }
    start += axes.rank;
  }
  surfaces.layout.forEach((figures, row) => {
    features.set(figures, row * width + start);
  });
  return features;
}
