import { encodeModel } from "./onnx.js";
import { type ElementType, type Shape, show, sizeOf, type Tensor } from "./tensor.js";

/** Name of the output that takes the place of the input `name` in the next run. */
export const nextName = (name: string) => `${name}.next`;

/** An ONNX attribute: whole numbers are ints; a real number is wrapped so that 1 can be a float. */
export type Attribute = number | string | readonly number[] | { readonly float: number };

export interface Node {
  /** Of the standard set, unless a domain stands before it and a dot after that. */
  readonly operator: string;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export type ConstantData = Float32Array | Int32Array | BigInt64Array | Uint8Array;

function typeOf(data: ConstantData): ElementType {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Int32Array) return "int32";
  return data instanceof Uint8Array ? "uint8" : "int64";
}

/** How the gradient of one operation's output becomes the gradients of its inputs. */
export interface TapeEntry {
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  /** Gradients in the order of `inputs`; undefined where an input has none (integers). */
  readonly backward: (gradient: Tensor) => readonly (Tensor | undefined)[];
}

/**
 * A computation that is being written down: inputs, constants, nodes in order, named outputs, and
 * the tape that reverse-mode differentiation reads backwards. Emitted as standard ONNX.
 */
export class Graph {
  readonly inputs: Tensor[] = [];
  readonly constants: { tensor: Tensor; data: ConstantData }[] = [];
  readonly nodes: Node[] = [];
  readonly outputs = new Map<string, Tensor>();
  readonly tape: TapeEntry[] = [];
  private readonly scalars = new Map<number, Tensor>();
  /** ONNX wants one name for one value: inputs, constants, what nodes give, and outputs share them. */
  private readonly names = new Set<string>();
  private counter = 0;

  /** A value that every run is fed with. @throws Error if the name is taken. */
  input(name: string, shape: Shape, type: ElementType = "float32"): Tensor {
    this.claim("input", name);
    const tensor = this.tensor(name, shape, type);
    this.inputs.push(tensor);
    return tensor;
  }

  /** A value that is part of the graph. @throws Error if data and shape differ in size. */
  constant(data: ConstantData, shape: Shape): Tensor {
    if (data.length !== sizeOf(shape))
      throw new Error(`constant: ${data.length} numbers do not fill the shape ${show(shape)}`);
    const tensor = this.tensor(this.freshName("constant"), shape, typeOf(data));
    this.constants.push({ tensor, data });
    return tensor;
  }

  /** A float32 number of shape []; equal numbers share one constant. */
  scalar(value: number): Tensor {
    let tensor = this.scalars.get(value);
    if (!tensor) {
      tensor = this.constant(Float32Array.of(value), []);
      this.scalars.set(value, tensor);
    }
    return tensor;
  }

  /** Whole numbers as ONNX wants its axes, shapes and positions: int64 of shape [n]. */
  integers(values: readonly number[]): Tensor {
    return this.constant(BigInt64Array.from(values, BigInt), [values.length]);
  }

  /**
   * Appends a node with one output. The operations of operations.ts call it; models do not.
   * @throws Error if an operand belongs to another graph.
   */
  node(
    operator: string,
    inputs: readonly Tensor[],
    shape: Shape,
    attributes: Node["attributes"] = {},
    { type = "float32" as ElementType } = {},
  ): Tensor {
    const output = this.tensor(this.freshName(operator), shape, type);
    this.append({ operator, inputs, outputs: [output], attributes });
    return output;
  }

  /** Appends a node with several outputs of the given shapes. */
  nodeWithOutputs(
    operator: string,
    inputs: readonly Tensor[],
    shapes: readonly Shape[],
    attributes: Node["attributes"] = {},
  ): Tensor[] {
    const outputs = shapes.map((shape) => this.tensor(this.freshName(operator), shape, "float32"));
    this.append({ operator, inputs, outputs, attributes });
    return outputs;
  }

  /** Tells reverse-mode differentiation about an operation; returns its output. */
  record(inputs: readonly Tensor[], output: Tensor, backward: TapeEntry["backward"]): Tensor {
    this.tape.push({ inputs, output, backward });
    return output;
  }

  /** Declares a result of the graph. @throws Error if the name is taken, by an input too. */
  output(name: string, tensor: Tensor): void {
    this.claim("output", name);
    this.outputs.set(name, tensor);
  }

  /** The nodes that some output depends on, in order: a backward pass writes more than is asked for. */
  liveNodes(): Node[] {
    const live = new Set(this.outputs.values());
    return this.nodes
      .toReversed()
      .filter(({ inputs, outputs }) => {
        const used = outputs.some((output) => live.has(output));
        if (used) for (const input of inputs) live.add(input);
        return used;
      })
      .reverse();
  }

  /** The serialised ONNX ModelProto. @param float16 whether there is such a type, else it is float32 */
  toOnnx({ float16 = true } = {}): Uint8Array {
    return encodeModel(this, { float16 });
  }

  private append(node: Node): void {
    // Names repeat from graph to graph, so a foreign operand would silently stand for one of ours.
    if (node.inputs.some(({ graph }) => graph !== this))
      throw new Error(`${node.operator}: an operand belongs to another graph`);
    this.nodes.push(node);
  }

  private claim(role: "input" | "output", name: string): void {
    if (this.names.has(name)) throw new Error(`${role}: the name "${name}" is taken`);
    this.names.add(name);
  }

  private freshName(prefix: string): string {
    let name: string;
    do name = `${prefix}_${this.counter++}`;
    while (this.names.has(name));
    this.names.add(name);
    return name;
  }

  private tensor(name: string, shape: Shape, type: ElementType): Tensor {
    return { graph: this, name, shape, type };
  }
}
