import { join } from "node:path";
import { InputError } from "../base/error.js";
import { openSafetensors } from "../base/safetensors.js";
import { int8Weight, show, Value } from "../graph/index.js";
import { isLinear, type LanguageModel, scaleName } from "./architecture.js";
import { readScales, scaleShape } from "./quantization.js";
import { FETCH_AGAIN, weightFiles } from "./weight-files.js";

/**
 * Name → values of every parameter of a model from a folder's safetensors: float32, and of linear layers that
 * are quantised int8 with the scales beside them, as {@link linearInt8} takes both.
 * @throws InputError if a file is missing or damaged, or a tensor is missing, has another shape than the
 *   configuration says or is of a block beyond those it says
 */
export function readWeights(folder: string, model: LanguageModel): Map<string, Value> {
  const files = weightFiles(folder).map((name) => join(folder, name));
  const weights = new Map<string, Value>();
  for (const file of files.filter((name) => name.endsWith(".safetensors"))) {
    const { tensors, close } = openSafetensors(file);
    try {
      for (const [published, tensor] of tensors) {
        const name = parameterOf(model, published);
        if (name === undefined) {
          refuseFurtherBlock(model, published, file);
          continue;
        }
        const { shape } = tensor;
        const expected = show(model.parameters.get(name)!);
        if (show(shape) !== expected)
          throw new InputError(`has shape ${show(shape)} where config.json says ${expected}`, {
            file,
            field: published,
            remedy: FETCH_AGAIN,
          });
        if (tensor.dtype === "I8" && isLinear(name, shape)) {
          const [input, out] = model.inputFirst ? [shape[0]!, shape[1]!] : [shape[1]!, shape[0]!];
          const bytes = new Int8Array(tensor.bytes());
          const scale = scaleName(published);
          const wanted = scaleShape(shape, model.inputFirst);
          const scales = readScales(file, scale, tensors.get(scale), wanted);
          const weight = model.inputFirst ? bytes : transposed(bytes, out);
          weights.set(name, int8Weight(weight, [input, out]));
          weights.set(scaleName(name), new Value("float32", scales, [out]));
        } else weights.set(name, new Value("float32", tensor.floats(), shape));
      }
    } finally {
      close();
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

/** A matrix of so many rows with its axes swapped. */
function transposed(matrix: Int8Array, rows: number): Int8Array {
  const columns = matrix.length / rows;
  const result = new Int8Array(matrix.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      result[column * rows + row] = matrix[row * columns + column]!;
  return result;
}

/** The parameter that a tensor of a published file is; undefined for what no hidden state depends on. */
export function parameterOf(
  { parameters, prefix }: LanguageModel,
  name: string,
): string | undefined {
  // BERT's oldest files call the two numbers of a normalisation as its paper does.
  const modern = name
    .replace(/LayerNorm\.gamma$/, "LayerNorm.weight")
    .replace(/LayerNorm\.beta$/, "LayerNorm.bias");
  return [modern, prefix + modern].find((candidate) => parameters.has(candidate));
}

/** Where config.json says fewer blocks than there are, the model would be another, shorter one. */
function refuseFurtherBlock(model: LanguageModel, published: string, file: string): void {
  const block = Number(/\.(\d+)\./.exec(published)?.[1]);
  if (block >= model.blocks && parameterOf(model, published.replace(/\.\d+\./, ".0.")))
    throw new InputError(
      `is of block ${block + 1} where config.json says ${model.blocks} in all (num_hidden_layers, or n_layer)`,
      { file, field: published, remedy: "Give the config.json of these weights" },
    );
}
