import type { Graph } from "./graph.js";

/** Element types that the graphs use; the numbers are TensorProto.DataType of onnx.proto. */
export const ELEMENT_TYPES = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
} as const;
export type ElementType = keyof typeof ELEMENT_TYPES;

/** Every dimension is known when the graph is built. */
export type Shape = readonly number[];

/** A value of a graph that is being built: a name and a shape, no numbers. */
export interface Tensor {
  readonly graph: Graph;
  readonly name: string;
  readonly shape: Shape;
  readonly type: ElementType;
}

/** Number of elements of a shape. */
export const sizeOf = (shape: Shape): number => shape.reduce((product, n) => product * n, 1);

/** A shape as it is written in messages and comments: [2, 3]. */
export const show = (shape: Shape): string => `[${shape.join(", ")}]`;

/**
 * The shape two operands broadcast to, by the rules of NumPy and ONNX.
 * @throws Error naming the operation and both shapes if they do not fit.
 */
export function broadcast(operation: string, a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const m = a[axis - rank + a.length] ?? 1;
    const n = b[axis - rank + b.length] ?? 1;
    if (m !== n && m !== 1 && n !== 1) throw mismatch(operation, a, b);
    return m === 1 ? n : m;
  });
}

/** The error of an operation whose operands do not fit. */
export function mismatch(operation: string, a: Shape, b: Shape, why = "do not fit"): Error {
  return new Error(`${operation}: shapes ${show(a)} and ${show(b)} ${why}`);
}
