import { z } from "zod";
import { InputError } from "../base/error.js";
import { readSafetensors, type TensorData, writeSafetensors } from "../base/safetensors.js";
import { forestOf } from "./extra-trees.js";
import { forestColumns, type Models } from "./models.js";
import type { Axes } from "./svd.js";
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
  terms: z.array(z.string()).min(1),
});

/** Writes a surface level as one safetensors file of half precision. @throws InputError if it cannot. */
export function writeLevel(path: string, models: Models, combination: Combination): void {
  const vector = (values: ArrayLike<number>): TensorData => ({
    shape: [values.length],
    data: Float32Array.from(values),
  });
  const matrix = ({ directions, rank }: Axes): TensorData => ({
    shape: [directions.length / rank, rank],
    data: Float32Array.from(directions),
  });
  const vocabulary = ({ options, columns }: TfIdf) =>
    JSON.stringify({ options, terms: [...columns.keys()] });
  const { characters, words, characterAxes, wordAxes, linear, forest } = models;
  const tensors = {
    "characters.idf": vector(characters.idf),
    "characters.axes": matrix(characterAxes),
    "words.idf": vector(words.idf),
    "words.axes": matrix(wordAxes),
    "linear.weights": vector(linear.weights),
    "forest.column": vector(forest.column),
    "forest.value": vector(forest.value),
  };
  writeSafetensors(path, new Map(Object.entries(tensors)), {
    dtype: "F16",
    metadata: {
      characters: vocabulary(characters),
      words: vocabulary(words),
      "linear.intercept": JSON.stringify(linear.intercept),
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
    if (!tensor.data.every(Number.isFinite)) throw fail("holds a value that is no number", name);
    return Float64Array.from(tensor.data);
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
  function axes(name: string, { columns }: TfIdf): Axes {
    const directions = values(`${name}.axes`, columns.size, undefined);
    return { rank: directions.length / columns.size, directions };
  }

  const characters = vocabulary("characters");
  const words = vocabulary("words");
  const semantic = {
    characterAxes: axes("characters", characters),
    wordAxes: axes("words", words),
  };
  const column = values("forest.column", undefined);
  const width = forestColumns(semantic);
  if (!column.every((c) => Number.isInteger(c) && c >= -1 && c < width)) {
    throw fail(`names a column that is none of ${width}`, "forest.column");
  }
  const forest = forestOf(
    Int32Array.from(column),
    Float32Array.from(values("forest.value", column.length)),
  );
  if (forest === undefined) throw fail("does not end with a whole tree", "forest.column");
  const linear = {
    weights: values("linear.weights", characters.columns.size),
    intercept: parsed("linear.intercept", z.number()),
  };
  return {
    models: { characters, words, ...semantic, linear, forest },
    combination: parsed("combination", combinationSchema),
  };
}
