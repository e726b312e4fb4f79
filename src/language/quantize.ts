import { copyFileSync, existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../base/error.js";
import { makeFolder, readText, unwritable, writeWhole } from "../base/file.js";
import { bytesOf, openSafetensors, type RawTensor, writeRawTensors } from "../base/safetensors.js";
import { Interrupted, type Watcher } from "../base/watcher.js";
import { isLinear, type LanguageModel, scaleName } from "./architecture.js";
import { readConfig } from "./architectures.js";
import { checkpointFiles } from "./checkpoint.js";
import { checkedHash } from "./hub/blob.js";
import { resolveEncoder } from "./hub.js";
import { isOnnx } from "./onnx.js";
import { quantizationConfig, roundWeight, scaleShape } from "./quantization.js";
import { INDEX, weightFiles } from "./weight-files.js";
import { parameterOf } from "./weights.js";

export interface QuantizeOptions {
  /** Folder or name, see {@link resolveEncoder}. */
  readonly encoder: string;
  /** Folder of the quantised encoder: new, or without a config.json. */
  readonly out: string;
  readonly offline?: boolean | undefined;
}

export interface QuantizeResult {
  /** Number of linear layers. */
  readonly layers: number;
  /** Bytes of the weights before and after. */
  readonly bytes: readonly [before: number, after: number];
}

const CONFIG = "config.json";

/**
 * Writes an encoder anew with the weights of its linear layers in int8, in the published format that
 * quantization.ts describes; every other tensor and file stays as it is. It is an encoder of its own, with
 * hidden states of its own. `config.json` comes last, so that a folder with it is whole.
 * @throws InputError if the encoder cannot be read, is quantised already or ready to run, or `out` holds
 *   an encoder or cannot be written; Interrupted if the watcher stops it
 */
export async function quantizeEncoder(
  options: QuantizeOptions,
  watcher: Watcher,
): Promise<QuantizeResult> {
  const { out } = options;
  const { folder } = await resolveEncoder(options.encoder, options, watcher);
  if (isOnnx(folder))
    throw new InputError("is ready to run, and stays as it is", {
      file: join(folder, "model.onnx"),
      remedy: "Give the model's safetensors",
    });
  const model = readConfig(join(folder, CONFIG));
  const config = JSON.parse(readText(join(folder, CONFIG))) as Record<string, unknown>;
  if (config.quantization_config)
    throw new InputError("is there: the encoder is quantised already", {
      file: join(folder, CONFIG),
      field: "quantization_config",
      remedy: "Use it as it is",
    });
  if (existsSync(join(out, CONFIG)))
    throw new InputError("there is an encoder already", {
      file: out,
      remedy: "Choose another folder with --out",
    });
  const files = weightFiles(folder);
  const weights = new Set(files);
  const shards = files.filter((name) => name !== INDEX);
  makeFolder(out);
  const places: Record<string, string> = {};
  let layers = 0;
  for (const [done, shard] of shards.entries()) {
    watcher.report({ stage: "Quantising weights", done, total: shards.length });
    if (watcher.stopping()) throw Interrupted.withNothing();
    const { tensors, metadata } = quantizeFile(join(folder, shard), model);
    writeRawTensors(join(out, shard), tensors, metadata);
    for (const [name, { dtype }] of tensors) {
      places[name] = shard;
      if (dtype === "I8") layers++;
    }
  }
  if (weights.has(INDEX))
    writeWhole(join(out, INDEX), JSON.stringify({ metadata: {}, weight_map: places }));
  for (const name of checkpointFiles(folder))
    if (!weights.has(name) && name !== CONFIG) copy(join(folder, name), join(out, name));
  const quantization = quantizationConfig(model.inputFirst ? "Conv1D" : "Linear");
  const content = { ...config, quantization_config: quantization };
  writeWhole(join(out, CONFIG), `${JSON.stringify(content, null, 2)}\n`);
  const sizeIn = (of: string) =>
    shards.reduce((sum, shard) => sum + statSync(join(of, shard)).size, 0);
  return { layers, bytes: [sizeIn(folder), sizeIn(out)] };
}

/** The tensors of a file, those of linear layers in int8. @throws InputError if it is damaged */
function quantizeFile(file: string, model: LanguageModel) {
  checkedHash(file);
  const { tensors, metadata, close } = openSafetensors(file);
  const result = new Map<string, RawTensor>();
  try {
    for (const [published, tensor] of tensors) {
      const { dtype, shape } = tensor;
      const name = parameterOf(model, published);
      if (name === undefined || !isLinear(name, shape)) {
        result.set(published, { dtype, shape, bytes: new Uint8Array(tensor.bytes()) });
        continue;
      }
      const floats = tensor.floats();
      if (!floats.every(Number.isFinite))
        throw new InputError("has a number that is not finite", {
          file,
          field: published,
          remedy: "Fetch or train the encoder again",
        });
      const { weight, scales } = roundWeight(floats, shape, model.inputFirst);
      result.set(published, { dtype: "I8", shape, bytes: bytesOf(weight) });
      result.set(scaleName(published), {
        dtype: "F32",
        shape: scaleShape(shape, model.inputFirst),
        bytes: bytesOf(scales),
      });
    }
  } finally {
    close();
  }
  return { tensors: result, metadata };
}

function copy(from: string, to: string): void {
  checkedHash(from);
  try {
    copyFileSync(from, to);
  } catch (error) {
    throw unwritable(to, error);
  }
}
