import { z } from "zod";
import { InputError } from "../base/error.js";
import { readSafetensors, type TensorData, writeSafetensors } from "../base/safetensors.js";
import { forestOf } from "./extra-trees.js";
import { featureCount, type Models, type SemanticSpace } from "./models.js";
import type { TfIdf } from "./tfidf.js";

/** logit = linear × the linear model's logit + forest × the forest's + intercept. */
export type Combination = z.infer<typeof combinationSchema>;

const combinationSchema = z.object({
  linear: z.number(),
  forest: z.number(),
  intercept: z.number(),
});

const vocabularySchema = z.object({
  options: z.object({
    analyzer: z.enum(["word", "char", "char_wb"]),
    ngrams: z.tuple([z.int().positive(), z.int().positive()]),
    minTexts: z.int(),
    sublinear: z.boolean(),
  }),
  // Not z.array: tens of thousands of terms are checked at every start.
  terms: z.custom<string[]>(
    (terms) =>
      Array.isArray(terms) && terms.length > 0 && terms.every((term) => typeof term === "string"),
  ),
});

/** Writes a surface level as one safetensors file of half precision. @throws InputError if it cannot. */
export function writeLevel(path: string, models: Models, combination: Combination): void {
  const vector = (values: ArrayLike<number>): TensorData => ({
    shape: [values.length],
    data: Float32Array.from(values),
  });
  const matrix = ({ axes: { directions, rank } }: SemanticSpace): TensorData => ({
    shape: [directions.length / rank, rank],
    data: Float32Array.from(directions),
  });
  const vocabulary = ({ options, columns }: TfIdf) =>
    JSON.stringify({ options, terms: [...columns.keys()] });
  const { linear, characters, words, forest } = models;
  const tensors = {
    "linear.idf": vector(linear.terms.idf),
    "linear.weights": vector(linear.regression.weights),
    "characters.idf": vector(characters.terms.idf),
    "characters.axes": matrix(characters),
    "words.idf": vector(words.terms.idf),
    "words.axes": matrix(words),
    "forest.column": vector(forest.column),
    "forest.value": vector(forest.value),
  };
  writeSafetensors(path, new Map(Object.entries(tensors)), {
    dtype: "F16",
    metadata: {
      linear: vocabulary(linear.terms),
      "linear.intercept": JSON.stringify(linear.regression.intercept),
      characters: vocabulary(characters.terms),
      words: vocabulary(words.terms),
      combination: JSON.stringify(combination),
    },
  });
}

/** Reads what {@link writeLevel} wrote. @throws InputError if a part is missing or damaged. */
export function readLevel(path: string): { models: Models; combination: Combination } {
  const { tensors, metadata } = readSafetensors(path);
  const fail = (problem: string, field: string): InputError =>
    new InputError(problem, { file: path, field, remedy: "Fetch or write the file again" });

  /** The values of a tensor; an undefined size may be any. */
  function values(name: string, ...shape: readonly (number | undefined)[]): Float64Array {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw fail("is missing", name);
    const fits =
      tensor.shape.length === shape.length &&
      shape.every((size, axis) => size === undefined || size === tensor.shape[axis]);
    if (!fits) throw fail(`has shape [${tensor.shape}], which does not fit the rest`, name);
    // Loops and copies that V8 compiles well: a level is read at every start of the command line.
    for (let i = 0; i < tensor.data.length; i++)
      if (!Number.isFinite(tensor.data[i])) throw fail("holds a value that is no number", name);
    return new Float64Array(tensor.data);
  }
  function parsed<T>(name: string, schema: z.ZodType<T>): T {
    try {
      return schema.parse(JSON.parse(metadata[name] ?? ""));
    } catch {
      throw fail("is missing or damaged", name);
    }
  }
  function vocabulary(name: string): TfIdf {
    const { options, terms } = parsed(name, vocabularySchema);
    return {
      options,
      columns: new Map(terms.map((term, column) => [term, column])),
      idf: values(`${name}.idf`, terms.length),
    };
  }
  function space(name: string): SemanticSpace {
    const terms = vocabulary(name);
    const directions = values(`${name}.axes`, terms.columns.size, undefined);
    return { terms, axes: { rank: directions.length / terms.columns.size, directions } };
  }

  const terms = vocabulary("linear");
  const weights = values("linear.weights", terms.columns.size);
  const regression = { weights, intercept: parsed("linear.intercept", z.number()) };
  const spaces = { characters: space("characters"), words: space("words") };
  const column = values("forest.column", undefined);
  const width = featureCount(spaces);
  if (!column.every((c) => Number.isInteger(c) && c >= -1 && c < width)) {
    throw fail(`names a column that is none of ${width}`, "forest.column");
  }
  const forest = forestOf(
    new Int32Array(column),
    new Float32Array(values("forest.value", column.length)),
  );
  if (forest === undefined) throw fail("does not end with a whole tree", "forest.column");
  return {
    models: { linear: { terms, regression }, ...spaces, forest },
    combination: parsed("combination", combinationSchema),
  };
}
