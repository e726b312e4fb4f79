import { INDEX, WHOLE } from "../weight-files.js";

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

/** What helps where a model's own files do not fit together. */
export const CHOOSE_ANOTHER = "Choose another revision (@...) or another model";

/** Where the weights are, the first that is there: one file, several, or a graph that holds them. */
export const WEIGHTS = [WHOLE, INDEX, "model.onnx"] as const;

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
