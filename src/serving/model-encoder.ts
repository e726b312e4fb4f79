import { join } from "node:path";
import { InputError } from "../base/error.js";
import type { Processor } from "../graph/index.js";
import { countBlocks } from "../language/checkpoint.js";
import { type Encoder, loadEncoder } from "../language/encoder.js";
import { levelsOf, type ModelConfig } from "../model/index.js";

/**
 * Loads the encoder in a model's folder.
 * @param expected its hash, as the model's card has it; without one any will do
 * @throws InputError as {@link loadEncoder}, or if it is another one
 */
export function loadModelEncoder(
  model: string,
  config: ModelConfig,
  processor: Processor,
  expected?: string,
): Encoder {
  const folder = join(model, "encoder");
  const encoder = loadEncoder(folder, levelsOf(config, countBlocks(folder)), processor);
  if (expected !== undefined && encoder.hash !== expected)
    throw new InputError("is not the encoder that the model's card names", {
      file: folder,
      remedy: "Restore the model folder",
    });
  return encoder;
}
