import { fromFloat16, toFloat16 } from "../base/float16.js";
import { Random } from "../base/random.js";
import { recordOf } from "../base/record.js";
import { LAYOUT_FIELDS, layoutVector } from "../trial/layout.js";
import { denseRows, type SparseRows, selectRows, sparseRows } from "./sparse.js";
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
const RANK = 60;

/** A trial as the shallow models see it. */
export interface ShallowInput {
  /** Eligibility criteria as plain text. */
  readonly text: string;
  /** Tokens of the ICD-10 hierarchy, and of the phase. */
  readonly diseases: readonly string[];
  /** Mean hidden state of each level, one after the other: [levels · D]. */
  readonly states: Float32Array;
  /** Mean grouped token of each level, one after the other: [levels · d]. */
  readonly groups: Float32Array;
  /** How much criteria, and drugs and diseases, look like a success to pre-training; zeros without it. */
  readonly success: Float32Array;
}

/** Texts as few numbers: TF-IDF along its latent semantic axes. */
export interface SemanticSpace {
  readonly terms: TfIdf;
  readonly axes: Axes;
}

/** How trials become numbers; learned from their inputs, without a label. */
export interface Space {
  readonly characters: TfIdf;
  /** Column of each disease token. */
  readonly diseases: ReadonlyMap<string, number>;
  /** What the forest reads besides the layout; the characters' terms are among those above. */
  readonly axes: { readonly characters: SemanticSpace; readonly words: SemanticSpace };
}

/** What each linear model reads. */
export const LINEAR_PARTS = ["characters", "diseases", "states", "groups", "success"] as const;
export type LinearPart = (typeof LINEAR_PARTS)[number];

/** Some trials as numbers: one row a trial. */
export interface Features {
  readonly rows: number;
  readonly linear: Readonly<Record<LinearPart, SparseRows>>;
  /** [rows, forestWidth] row-major: coordinates by characters, by words, layout. */
  readonly forest: Float32Array;
}

/** @throws InputError if no term occurs often enough. */
export function fitSpace(inputs: readonly ShallowInput[], seed: number): Space {
  const texts = inputs.map(({ text }) => text);
  const characters = countTerms(texts, CHARACTERS);
  const words = countTerms(texts, WORDS);
  const tokens = [...new Set(inputs.flatMap(({ diseases }) => diseases))].sort();
  return {
    characters: learnTerms(characters, CHARACTERS, LINEAR_SHARE),
    diseases: new Map(tokens.map((token, column) => [token, column])),
    axes: {
      characters: fitSemanticSpace(
        characters,
        learnTerms(characters, CHARACTERS, CHARACTER_AXES_SHARE),
        new Random(seed, "characters"),
      ),
      words: fitSemanticSpace(
        words,
        learnTerms(words, WORDS, WORD_AXES_SHARE),
        new Random(seed, "words"),
      ),
    },
  };
}

function learnTerms(counts: TermCounts, options: TermOptions, share: number): TfIdf {
  const minTexts = Math.max(2, Math.round(share * counts.counts.rows));
  const terms = learnTfIdf(counts, { ...options, minTexts, sublinear: true });
  return { ...terms, idf: halved(terms.idf) };
}

function fitSemanticSpace(counts: TermCounts, terms: TfIdf, random: Random): SemanticSpace {
  const axes = fitAxes(weighTerms(terms, counts), RANK, random);
  return { terms, axes: { ...axes, directions: halved(axes.directions) } };
}

/** Values as the file holds them, so that models just fitted and models loaded agree to the bit. */
export const halved = (values: ArrayLike<number>): Float64Array =>
  Float64Array.from(fromFloat16(toFloat16(Float32Array.from(values))));

export function featuresOf(space: Space, inputs: readonly ShallowInput[]): Features {
  const texts = inputs.map(({ text }) => text);
  const characters = countTerms(texts, CHARACTERS, space.characters.columns);
  const words = countTerms(texts, WORDS, space.axes.words.terms.columns);
  return {
    rows: inputs.length,
    linear: {
      characters: weighTerms(space.characters, characters),
      diseases: sparseRows(
        inputs.map(({ diseases }) => {
          const columns = diseases.map((token) => space.diseases.get(token));
          return new Map(columns.flatMap((column) => (column === undefined ? [] : [[column, 1]])));
        }),
        space.diseases.size,
      ),
      states: denseRows(inputs.map(({ states }) => states)),
      groups: denseRows(inputs.map(({ groups }) => groups)),
      success: denseRows(inputs.map(({ success }) => success)),
    },
    forest: forestFeatures(space, inputs, characters, words),
  };
}

/** How many numbers the forest has of a trial. */
export const forestWidth = ({ axes }: Pick<Space, "axes">): number =>
  axes.characters.axes.rank + axes.words.axes.rank + LAYOUT_FIELDS.length;

function forestFeatures(
  space: Space,
  inputs: readonly ShallowInput[],
  characters: TermCounts,
  words: TermCounts,
): Float32Array {
  const width = forestWidth(space);
  const features = new Float32Array(inputs.length * width);
  let start = 0;
  for (const [{ terms, axes }, counts] of [
    [space.axes.characters, characters],
    [space.axes.words, words],
  ] as const) {
    const coordinates = project(axes, weighTerms(terms, counts));
    for (let row = 0; row < inputs.length; row++) {
      const own = coordinates.subarray(row * axes.rank, (row + 1) * axes.rank);
      features.set(own, row * width + start);
    }
    start += axes.rank;
  }
  inputs.forEach(({ text }, row) => {
    // Thresholds are drawn between the least and the greatest figure: without the logarithm most
    // would lie among a few very long texts.
    features.set(layoutVector(text).map(Math.log1p), row * width + start);
  });
  return features;
}

/** The given rows, in the given order. */
export function selectFeatures(
  { linear, forest, rows }: Features,
  chosen: readonly number[],
): Features {
  const width = forest.length / rows;
  const selected = new Float32Array(chosen.length * width);
  chosen.forEach((row, i) => {
    selected.set(forest.subarray(row * width, (row + 1) * width), i * width);
  });
  return {
    rows: chosen.length,
    linear: recordOf(LINEAR_PARTS, (part) => selectRows(linear[part], chosen)),
    forest: selected,
  };
}
