import { existsSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../base/error.js";
import { readTensors, type TensorData } from "../base/safetensors.js";
import { show } from "../graph/index.js";
import type { LanguageModel } from "./architecture.js";
import { FETCH_AGAIN, INDEX, WHOLE, weightFiles } from "./weight-files.js";

const PICKLE = "pytorch_model.bin";

/**
 * Name → values of every parameter of a model, float32, from a folder's safetensors.
 * @throws InputError if a file is missing or damaged, or a tensor is missing or has another shape than
 *   the configuration says
 */
export function readWeights(folder: string, model: LanguageModel): Map<string, TensorData> {
  const files = weightFiles(folder).map((name) => join(folder, name));
  refuseMissing(folder, files);
  const nameOf = (name: string) => parameterOf(model, name);
  const weights = new Map<string, TensorData>();
  for (const file of files.filter((name) => name.endsWith(".safetensors"))) {
    const { tensors } = readTensors(file, (name) => nameOf(name) !== undefined);
    for (const [published, { shape, data }] of tensors) {
      const name = nameOf(published)!;
      const expected = show(model.parameters.get(name)!);
      if (show(shape) !== expected)
        throw new InputError(`has shape ${show(shape)} where config.json says ${expected}`, {
          file,
          field: published,
          remedy: FETCH_AGAIN,
        });
      weights.set(name, { shape, data });
    }
  }
  const [missing, ...others] = [...model.parameters.keys()].filter((name) => !weights.has(name));
  if (missing) {
    const more = others.length > 0 ? `, and so are ${others.join(", ")}` : "";
    throw new InputError(`is missing${more}`, {
      file: files[0],
      field: missing,
      remedy: FETCH_AGAIN,
    });
  }
  return weights;
}

/** The parameter that a tensor of a published file is; undefined for what no hidden state depends on. */
function parameterOf({ parameters, prefix }: LanguageModel, name: string): string | undefined {
  // BERT's oldest files call the two numbers of a normalisation as its paper does.
  const modern = name
    .replace(/LayerNorm\.gamma$/, "LayerNorm.weight")
    .replace(/LayerNorm\.beta$/, "LayerNorm.bias");
  return [modern, prefix + modern].find((candidate) => parameters.has(candidate));
}

function refuseMissing(folder: string, files: readonly string[]): void {
  if (files.length === 1 && !existsSync(files[0]!) && existsSync(join(folder, PICKLE)))
    throw new InputError("is not read, for a pickle can run any code", {
      file: join(folder, PICKLE),
      remedy: `Convert it to ${WHOLE}, with save_pretrained of Python's transformers for example`,
    });
  const missing = files.slice(1).filter((file) => !existsSync(file));
  if (missing.length > 0)
    throw new InputError(`${INDEX} names files that are missing: ${missing.join(", ")}`, {
      file: missing[0],
      remedy: FETCH_AGAIN,
    });
}
