import { z } from "zod";
import { InputError } from "../base/error.js";
import { checkAs } from "../base/json.js";
import type { StoredTensor } from "../base/safetensors.js";
import { type Device, isInt8, show, type Value } from "../graph/index.js";
import { must, only } from "./fields.js";

// Weights of 8 bits, in the format "int-quantized" of the library compressed-tensors, which published W8A8
// checkpoints have: X.weight in I8 beside X.weight_scale, one number an output; activations are rounded
// as they come, each token by a scale of its own.

const EIGHT_BITS = { num_bits: must(8), type: must("int"), symmetric: only(true) };
const GROUP = z.object({
  weights: z.object({ ...EIGHT_BITS, strategy: must("channel"), dynamic: only(false) }),
  input_activations: z.object({ ...EIGHT_BITS, strategy: must("token"), dynamic: must(true) }),
});
const FIELDS = z.object({
  quantization_config: z
    .object({
      quant_method: must("compressed-tensors"),
      format: must("int-quantized"),
      config_groups: z.record(z.string(), GROUP),
    })
    .nullish(),
});

/**
 * Refuses the content of a config.json whose weights are quantised in another way.
 * @throws InputError naming the field that is at fault
 */
export function refuseUnknownQuantization(config: unknown, file: string): void {
  checkAs(FIELDS, config, {
    file,
    remedy: "Give the model as it was before quantisation, and quantise it with cladmop quantize",
  });
}

/** The `quantization_config` of a model whose linear layers are quantised. @param layer their class */
export function quantizationConfig(layer: "Linear" | "Conv1D") {
  const common = { num_bits: 8, type: "int", symmetric: true };
  const group = {
    targets: [layer],
    weights: { ...common, strategy: "channel", dynamic: false },
    input_activations: { ...common, strategy: "token", dynamic: true },
  };
  return {
    quant_method: "compressed-tensors",
    format: "int-quantized",
    quantization_status: "compressed",
    config_groups: { group_0: group },
    ignore: ["lm_head"],
  };
}

/** A weight of a linear layer in int8. */
export interface Int8Weight {
  /** [in, out] or [out, in], as the float32 one was. */
  readonly weight: Int8Array;
  /** Of each output. */
  readonly scales: Float32Array;
}

/**
 * Rounds a weight to int8, the largest number of each output to ±127.
 * @param shape of the weight, [in, out] if `inputFirst`, else [out, in]
 */
export function roundWeight(
  weight: Float32Array,
  shape: readonly number[],
  inputFirst: boolean,
): Int8Weight {
  const [first, second] = shape as [number, number];
  const outputOf = inputFirst ? (i: number) => i % second : (i: number) => Math.floor(i / second);
  const scales = new Float32Array(inputFirst ? second : first);
  for (let i = 0; i < weight.length; i++) {
    const output = outputOf(i);
    scales[output] = Math.max(scales[output]!, Math.abs(weight[i]!) / 127);
  }
  // An output of zeros alone has a scale, too.
  for (let i = 0; i < scales.length; i++) scales[i] ||= 1;
  const rounded = Int8Array.from(weight, (value, i) => Math.round(value / scales[outputOf(i)]!));
  return { weight: rounded, scales };
}

/** The shape of a weight's scales in a file: times the weight they are the float32 one. */
export const scaleShape = ([first, second]: readonly number[], inputFirst: boolean): number[] =>
  inputFirst ? [1, second!] : [first!, 1];

/**
 * The scales of the int8 tensor `name` of a file, of the given shape.
 * @throws InputError if they are missing, not one for each output, or none that a weight can have
 */
export function readScales(
  file: string,
  name: string,
  scales: StoredTensor | undefined,
  shape: readonly number[],
): Float32Array {
  const fail = (problem: string) =>
    new InputError(problem, { file, field: name, remedy: "Quantise the model again" });
  if (!scales) throw fail("is missing beside its weight in I8");
  if (show(scales.shape) !== show(shape))
    throw fail(`has shape ${show(scales.shape)} where the weight needs ${show(shape)}`);
  const data = scales.floats();
  const wrong = data.find((value) => !(value > 0 && Number.isFinite(value)));
  if (wrong !== undefined) throw fail(`has the scale ${wrong}, not a positive number`);
  return data;
}

/** Refuses what a graphics card has no operation for. @throws InputError if weights are int8 and it is to run them */
export function refuseInt8On(
  device: Device,
  folder: string,
  weights: ReadonlyMap<string, Value>,
): void {
  if (device !== "cpu" && [...weights.values()].some(isInt8))
    throw new InputError("has int8 weights, which run on the CPU alone", {
      file: folder,
      remedy: "Use the encoder that it was made from, or --device cpu",
    });
}
