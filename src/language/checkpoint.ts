import { join } from "node:path";
import { InputError } from "../base/error.js";
import { readBytes, readText, sha256 } from "../base/file.js";
import { parseJson } from "../base/json.js";
import { readSafetensors } from "../base/safetensors.js";
import { type Feed, type Shape, show } from "../graph/index.js";
import { type BioGptConfig, bioGptParameters } from "./biogpt.js";
import { Tokenizer } from "./tokenizer.js";

/** A language model as its folder holds it. */
export interface Checkpoint {
  readonly config: BioGptConfig;
  readonly tokenizer: Tokenizer;
  /** Name → shape and values of every parameter. */
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly weights: Readonly<Record<string, Feed>>;
  /** SHA-256 of each file. */
  readonly hashes: readonly string[];
}

/**
 * Reads a folder with `config.json`, `tokenizer.json` and `model.safetensors`.
 * @throws InputError if a file is missing or damaged, or a tensor is missing or has another shape than
 *   the configuration says.
 */
export function readCheckpoint(folder: string): Checkpoint {
  const files = ["config.json", "tokenizer.json", "model.safetensors"].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  const config = readConfig(files[0]);
  const tokenizer = Tokenizer.fromFile(files[1]);
  const contents = files.map(readBytes);
  const { tensors } = readSafetensors(files[2], contents[2]);
  const shapes = bioGptParameters(config);
  const weights: Record<string, Feed> = {};
  for (const [name, shape] of shapes) {
    const found = tensors.get(name);
    if (!found || show(found.shape) !== show(shape))
      throw new InputError(
        found
          ? `has shape ${show(found.shape)} where config.json says ${show(shape)}`
          : "is missing",
        { file: files[2], field: name, remedy: "Fetch or train the encoder again" },
      );
    weights[name] = found.data;
  }
  return { config, tokenizer, shapes, weights, hashes: contents.map(sha256) };
}

/** Number of blocks of the model in a folder, to choose levels by. @throws InputError as {@link readCheckpoint} */
export const countBlocks = (folder: string): number =>
  readConfig(join(folder, "config.json")).num_hidden_layers;

function readConfig(file: string): BioGptConfig {
  const remedy = "Give the config.json of a model in BioGPT's architecture";
  const fail = (problem: string, field: string) => new InputError(problem, { file, field, remedy });
  const config = parseJson(readText(file), { file, remedy }) as BioGptConfig;
  if (config?.model_type !== "biogpt") throw fail("is not biogpt", "model_type");
  const counts = [
    "vocab_size",
    "hidden_size",
    "num_hidden_layers",
    "num_attention_heads",
    "intermediate_size",
    "max_position_embeddings",
  ] as const;
  for (const field of counts)
    if (!Number.isInteger(config[field]) || config[field] < 1)
      throw fail("is not a positive whole number", field);
  if (config.hidden_size % config.num_attention_heads !== 0)
    throw fail("is not a multiple of num_attention_heads", "hidden_size");
  if (config.hidden_act !== "gelu" && config.hidden_act !== "relu")
    throw fail("is neither gelu nor relu", "hidden_act");
  if (typeof config.scale_embedding !== "boolean")
    throw fail("is neither true nor false", "scale_embedding");
  if (typeof config.layer_norm_eps !== "number" || !(config.layer_norm_eps > 0))
    throw fail("is not a positive number", "layer_norm_eps");
  return config;
}
