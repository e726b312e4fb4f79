import { z } from "zod";
import { InputError } from "../base/error.js";
import { recordOf } from "../base/record.js";
import { readSafetensors, type TensorData, writeSafetensors } from "../base/safetensors.js";
import { forestOf } from "./forest.js";
import type { Level } from "./level.js";
import { PARTS } from "./models.js";
import { forestWidth, LINEAR_PARTS, type SemanticSpace, type Space } from "./space.js";
import type { TfIdf } from "./tfidf.js";

/** The levels of all members of an ensemble, which share one space. */
export interface Levels {
  readonly space: Space;
  readonly members: readonly Level[];
}

// Not z.array: tens of thousands of terms are checked at every start.
const termsSchema = z.custom<string[]>(
  (terms) => Array.isArray(terms) && terms.every((term) => typeof term === "string"),
);
const vocabularySchema = z.object({
  options: z.object({
    analyzer: z.enum(["word", "char", "char_wb"]),
    ngrams: z.tuple([z.int().positive(), z.int().positive()]),
    minTexts: z.int(),
    sublinear: z.boolean(),
  }),
  terms: termsSchema.refine((terms) => terms.length > 0),
});
const memberSchema = z.object({
  intercepts: z.object(recordOf(LINEAR_PARTS, () => z.number())),
  combination: z.object({
    weights: z.object(recordOf(PARTS, () => z.number())),
    intercept: z.number(),
  }),
});

const MEMBER = (member: number, name: string) => `member-${member}/${name}`;

/** The levels of all members, in a model's folder. */
export const SHALLOW_FILE = "shallow.safetensors";

/** Writes levels as one safetensors file of half precision. @throws InputError if it cannot. */
export function writeLevels(path: string, { space, members }: Levels): void {
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
  const { characters, words } = space.axes;
  const tensors = new Map<string, TensorData>([
    ["characters.idf", vector(space.characters.idf)],
    ["axes.characters.idf", vector(characters.terms.idf)],
    ["axes.characters.directions", matrix(characters)],
    ["axes.words.idf", vector(words.terms.idf)],
    ["axes.words.directions", matrix(words)],
  ]);
  const metadata: Record<string, string> = {
    characters: vocabulary(space.characters),
    "axes.characters": vocabulary(characters.terms),
    "axes.words": vocabulary(words.terms),
    diseases: JSON.stringify([...space.diseases.keys()]),
    members: JSON.stringify(members.length),
  };
  members.forEach(({ models: { linear, forest }, combination }, member) => {
    for (const part of LINEAR_PARTS)
      tensors.set(MEMBER(member, part), vector(linear[part].weights));
    tensors.set(MEMBER(member, "forest.column"), vector(forest.column));
    tensors.set(MEMBER(member, "forest.value"), vector(forest.value));
    const intercepts = recordOf(LINEAR_PARTS, (part) => linear[part].intercept);
    metadata[MEMBER(member, "combination")] = JSON.stringify({ intercepts, combination });
  });
  writeSafetensors(path, tensors, { dtype: "F16", metadata });
}

/** Reads what {@link writeLevels} wrote. @throws InputError if a part is missing or damaged. */
export function readLevels(path: string, bytes?: Uint8Array): Levels {
  const { tensors, metadata } = readSafetensors(path, bytes);
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
    // Loops and copies that V8 compiles well: levels are read at every start of the command line.
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
  const columnsOf = (terms: readonly string[]) =>
    new Map(terms.map((term, column) => [term, column]));
  function vocabulary(name: string): TfIdf {
    const { options, terms } = parsed(name, vocabularySchema);
    return { options, columns: columnsOf(terms), idf: values(`${name}.idf`, terms.length) };
  }
  function semanticSpace(name: string): SemanticSpace {
    const terms = vocabulary(name);
    const directions = values(`${name}.directions`, terms.columns.size, undefined);
    return { terms, axes: { rank: directions.length / terms.columns.size, directions } };
  }

  const space: Space = {
    characters: vocabulary("characters"),
    diseases: columnsOf(parsed("diseases", termsSchema)),
    axes: { characters: semanticSpace("axes.characters"), words: semanticSpace("axes.words") },
  };
  const width = forestWidth(space);
  const sizes = {
    characters: space.characters.columns.size,
    diseases: space.diseases.size,
    states: undefined,
    groups: undefined,
    success: undefined,
  };
  const members = Array.from({ length: parsed("members", z.int().positive()) }, (_, member) => {
    const { intercepts, combination } = parsed(MEMBER(member, "combination"), memberSchema);
    const column = values(MEMBER(member, "forest.column"), undefined);
    if (!column.every((c) => Number.isInteger(c) && c >= -1 && c < width)) {
      throw fail(`names a column that is none of ${width}`, MEMBER(member, "forest.column"));
    }
    const value = values(MEMBER(member, "forest.value"), column.length);
    const forest = forestOf(new Int32Array(column), new Float32Array(value));
    if (forest === undefined)
      throw fail("does not end with a whole tree", MEMBER(member, "forest.column"));
    const linear = recordOf(LINEAR_PARTS, (part) => ({
      weights: values(MEMBER(member, part), sizes[part]),
      intercept: intercepts[part],
    }));
    return { models: { linear, forest }, combination };
  });
  return { space, members };
}
