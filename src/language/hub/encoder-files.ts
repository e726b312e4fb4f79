import { z } from "zod";
import { readText } from "../../base/file.js";
import { parseAs } from "../../base/json.js";

/** Files that describe a published language model and its tokenizer: small beside the weights. */
export const DESCRIPTIONS = [
  "config.json",
  "tokenizer.json",
  "vocab.json",
  "merges.txt",
  "vocab.txt",
  "tokenizer_config.json",
  "special_tokens_map.json",
] as const;

/** Says in which files the weights are, where one would be too large. */
export const INDEX = "model.safetensors.index.json";

/** Where the weights are, the first that is there: one file, several, or a graph that holds them. */
export const WEIGHTS = ["model.safetensors", INDEX, "model.onnx"] as const;

/**
 * What an encoder needs that is not there: the name of a file, or of the first that would do.
 * @param has whether a file of a name is there
 */
export function lackingFile(has: (name: string) => boolean): string | undefined {
  if (!has("config.json")) return "config.json";
  const words =
    has("tokenizer.json") || has("vocab.txt") || (has("vocab.json") && has("merges.txt"));
  if (!words) return "tokenizer.json";
  return WEIGHTS.some(has) ? undefined : WEIGHTS[0];
}

/** A name without folders: it is joined to a folder of ours. */
const Shard = z.string().regex(/^\w[\w.-]*\.safetensors$/, "is no name of a safetensors file");
const Index = z.object({ weight_map: z.record(z.string(), Shard) });

/** The files that an index of weights names. @throws InputError if it is malformed */
export function shardsOf(index: string): string[] {
  const place = { file: index, remedy: "Choose another revision (@...) or another model" };
  return [...new Set(Object.values(parseAs(Index, readText(index), place).weight_map))].sort();
}
