import { join } from "node:path";
import { InputError } from "../base/error.js";
import { fileIn } from "../base/file.js";
import type { Value } from "../graph/index.js";
import type { LanguageModel, ModelOutline } from "./architecture.js";
import { readConfig } from "./architectures.js";
import { checkedHash } from "./hub/blob.js";
import { isOnnx, onnxFiles, readOutline } from "./onnx.js";
import { readTokenizer, type TextTokenizer, tokenizerFiles } from "./text-tokenizer.js";
import { weightFiles } from "./weight-files.js";
import { readWeights } from "./weights.js";

/** A language model as its folder holds it. */
export interface Checkpoint {
  readonly model: LanguageModel;
  readonly tokenizer: TextTokenizer;
  /** Name → values of every parameter. */
  readonly weights: ReadonlyMap<string, Value>;
  /** SHA-256 of each file. */
  readonly hashes: readonly string[];
}

const CONFIG = "config.json";
const configOf = (folder: string): string => fileIn(folder, CONFIG, "encoder");

/** The names of the files of a folder that a hidden state depends on. @throws InputError as {@link readCheckpoint} */
export const checkpointFiles = (folder: string): string[] => [
  CONFIG,
  ...tokenizerFiles(folder),
  ...(isOnnx(folder) ? onnxFiles(folder) : weightFiles(folder)),
];

/**
 * Reads a folder with `config.json`, a tokenizer and safetensors, as published on the Hugging Face hub.
 * @throws InputError if a file is missing or damaged, the architecture is unknown, a tensor is missing or
 *   has another shape than the configuration says, or the tokenizer has ids that the model has not
 */
export function readCheckpoint(folder: string): Checkpoint {
  const model = readConfig(configOf(folder));
  const hashes = hashesOf(folder); // first: readers say less well what damage is
  const tokenizer = readFittingTokenizer(folder, model);
  return { model, tokenizer, weights: readWeights(folder, model), hashes };
}

/**
 * Reads what stands beside a folder's `model.onnx`.
 * @throws InputError as {@link readCheckpoint}, but for what concerns weights
 */
export function readOnnxCheckpoint(folder: string) {
  const model = readOutline(configOf(folder));
  const hashes = hashesOf(folder);
  return { model, tokenizer: readFittingTokenizer(folder, model), hashes };
}

/** Number of blocks of the model in a folder, to choose levels by. @throws InputError as {@link readCheckpoint} */
export const countBlocks = (folder: string): number =>
  (isOnnx(folder) ? readOutline : readConfig)(configOf(folder)).blocks;

function readFittingTokenizer(folder: string, { type, vocabulary }: ModelOutline): TextTokenizer {
  const tokenizer = readTokenizer(folder, type);
  if (tokenizer.vocabularySize > vocabulary)
    throw new InputError(
      `has ids up to ${tokenizer.vocabularySize - 1} where config.json's vocab_size is ${vocabulary}`,
      {
        file: join(folder, tokenizerFiles(folder)[0]!),
        remedy: "Give the tokenizer that the model was trained with",
      },
    );
  return tokenizer;
}

const hashesOf = (folder: string): string[] =>
  checkpointFiles(folder).map((name) => checkedHash(join(folder, name)));
