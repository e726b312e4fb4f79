import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../base/error.js";
import { writeWhole } from "../base/file.js";
import type { Watcher } from "../base/watcher.js";
import { cpu } from "../graph/index.js";
import { type QuantizeResult, quantizeEncoder } from "../language/quantize.js";
import { readCard, readUnaltered, writeCard } from "../model/index.js";
import { SHALLOW_FILE } from "../shallow/index.js";
import type { ModelCard } from "../training/finetune.js";
import { SEEN_FILE } from "../training/seen.js";
import { loadModelEncoder } from "./model-encoder.js";

export interface QuantizeModelOptions {
  /** Folder of a fine-tuned model. */
  readonly model: string;
  /** Folder of the new one: new, or without a model and an encoder. */
  readonly out: string;
}

/**
 * Writes a fine-tuned model anew with an encoder in int8, see {@link quantizeEncoder}; all else that its answers
 * depend on stays as it is. Its card says which encoder it was fitted with. What was kept of evaluations is of another
 * version and left out. `model.json` comes last, so that a folder with it is whole.
 * @throws InputError if the model is damaged or altered, its encoder is quantised already or ready to run, or `out`
 *   holds a model or an encoder or cannot be written; Interrupted if the watcher stops it
 */
export async function quantizeModel(
  { model, out }: QuantizeModelOptions,
  watcher: Watcher,
): Promise<QuantizeResult> {
  const card = readCard<ModelCard>(model, "model");
  if (existsSync(join(out, "model.json")))
    throw new InputError("there is a model already", {
      file: out,
      remedy: "Choose another folder with --out",
    });
  const named = [
    ["model.safetensors", card.sha256],
    [SHALLOW_FILE, card.shallow],
    [SEEN_FILE, card.trials],
  ] as const;
  const files = named.flatMap(([name, hash]) =>
    hash === undefined ? [] : [[name, readUnaltered(join(model, name), hash)] as const],
  );
  loadModelEncoder(model, card.config, cpu(1), card.encoder);
  const encoder = join(out, "encoder");
  const result = await quantizeEncoder({ encoder: join(model, "encoder"), out: encoder }, watcher);
  try {
    for (const [name, bytes] of files) writeWhole(join(out, name), bytes);
    const { hash } = loadModelEncoder(out, card.config, cpu(1));
    const quantised: typeof card = { ...card, encoder: hash, quantised: { from: card.encoder } };
    writeCard(out, "model", quantised);
  } catch (error) {
    rmSync(encoder, { recursive: true }); // it would stand in the way of another try, once there is room on the disk
    throw error;
  }
  return result;
}
