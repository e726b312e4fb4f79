import { InputError } from "../base/error.js";
import { readText } from "../base/file.js";
import { parseJson } from "../base/json.js";
import type { LanguageModel, ReadConfig } from "./architecture.js";
import { readBert } from "./bert.js";
import { readBioGpt } from "./biogpt.js";
import { readGpt2 } from "./gpt2.js";
import { readLlama, readMistral, readQwen2, readQwen3 } from "./llama.js";
import { refuseUnknownQuantization } from "./quantization.js";

/** The architectures by the `model_type` of a config.json. */
const ARCHITECTURES: ReadonlyMap<string, ReadConfig> = new Map([
  ["biogpt", readBioGpt],
  ["gpt2", readGpt2],
  ["bert", readBert],
  ["llama", readLlama],
  ["mistral", readMistral],
  ["qwen2", readQwen2],
  ["qwen3", readQwen3],
]);

/**
 * The language model that a config.json describes.
 * @throws InputError if the file cannot be read, or naming the field that is at fault
 */
export function readConfig(file: string): LanguageModel {
  const remedy = "Give config.json as it was published; if it is, choose another model";
  const place = { file, remedy };
  const config = parseJson(readText(file), place);
  const { model_type: type } = (config ?? {}) as { model_type?: unknown };
  const read = ARCHITECTURES.get(type as string);
  if (!read)
    throw new InputError(`is ${JSON.stringify(type)}, not a known architecture`, {
      file,
      field: "model_type",
      remedy: `Give a model of one of the architectures ${[...ARCHITECTURES.keys()].join(", ")}`,
    });
  refuseUnknownQuantization(config, file);
  return read(config, place);
}
