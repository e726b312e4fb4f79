import { add, largest, multiply, reshape, scale, shift } from "./operations.js";
import { saturates, Value } from "./runtime.js";
import { mismatch, type Shape, type Tensor } from "./tensor.js";

// Linear layers in whole numbers of 8 bits; no gradients.

/** The number that stands for zero in unsigned bytes. */
const ZERO = 128;

/** Whether a tensor, or the value of one, is the weight of {@link linearInt8}. */
export const isInt8 = ({ type }: Pick<Tensor | Value, "type">): boolean =>
  type === "int8" || type === "uint8";

/** The value to feed for a weight [in, out] of {@link linearInt8}, in the format that this processor multiplies best. */
export const int8Weight = (weight: Int8Array, shape: Shape, unsigned = saturates()): Value =>
  unsigned
    ? new Value(
        "uint8",
        Uint8Array.from(weight, (value) => value + ZERO),
        shape,
      )
    : new Value("int8", weight, shape);

/**
 * x W ⊙ s + b for int8 W: x [N, in] float32, W [in, out], s [out] the scale of each output, b [out] → [N, out].
 * Each row of x is rounded to 8 bits by a scale of its own, so that it does not depend on other rows (Dettmers
 * et al. 2022, section 3.1, "vector-wise").
 * @throws Error naming the shapes if they do not fit.
 */
export function linearInt8(x: Tensor, weight: Tensor, scales: Tensor, bias?: Tensor): Tensor {
  const { graph } = x;
  const [rows, columns] = x.shape;
  const [input, out] = weight.shape;
  if (x.shape.length !== 2 || weight.shape.length !== 2 || columns !== input)
    throw mismatch("linearInt8", x.shape, weight.shape);
  for (const other of bias ? [scales, bias] : [scales])
    if (other.shape.length !== 1 || other.shape[0] !== out)
      throw mismatch("linearInt8 (scales, bias)", weight.shape, other.shape);
  const { bytes, size } = roundedRows(x);
  const zero = graph.constant(Uint8Array.of(ZERO), []);
  const product = graph.node(
    "com.microsoft.MatMulIntegerToFloat",
    [bytes, weight, graph.scalar(1), scales, zero, ...(weight.type === "uint8" ? [zero] : [])],
    [rows!, out!],
  );
  const y = multiply(product, size);
  return bias ? add(y, bias) : y;
}

const rounded = new WeakMap<Tensor, { bytes: Tensor; size: Tensor }>();

/** x [N, D] ≈ (bytes − 128) ⊙ size, bytes [N, D], size [N, 1]: once for all the layers that read x. */
function roundedRows(x: Tensor): { bytes: Tensor; size: Tensor } {
  let result = rounded.get(x);
  if (!result) {
    const { graph, shape } = x;
    const rows = shape[0]!;
    const magnitude = largest(graph.node("Abs", [x], shape));
    const size = shift(scale(magnitude, 1 / 127), 1e-30); // a row of zeros has a scale, too
    const zeros = graph.constant(new Uint8Array(rows).fill(ZERO), [rows]);
    const inputs = [x, reshape(size, [rows]), zeros];
    const bytes = graph.node("QuantizeLinear", inputs, shape, { axis: 0 }, { type: "uint8" });
    result = { bytes, size };
    rounded.set(x, result);
  }
  return result;
}
