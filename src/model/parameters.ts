import { Random } from "../base/random.js";
import type { TensorData } from "../base/safetensors.js";
import { type Graph, type Shape, show, sizeOf, type Tensor } from "../graph/index.js";

/** How a parameter starts: normal with a standard deviation, or one number everywhere. */
export type Start = { readonly deviation: number } | { readonly value: number };

/**
 * The parameters of a model under construction. The model asks for each by name where it uses it;
 * asking twice for a name gives the same tensor. Each becomes an input of the graph.
 */
export class Parameters {
  readonly tensors = new Map<string, Tensor>();
  private readonly starts = new Map<string, Start>();

  constructor(readonly graph: Graph) {}

  /** @throws Error if the name is known with another shape. */
  get(name: string, shape: Shape, start: Start): Tensor {
    const known = this.tensors.get(name);
    if (known && show(known.shape) !== show(shape))
      throw new Error(`parameter "${name}" is ${show(known.shape)}, asked for as ${show(shape)}`);
    if (known) return known;
    this.starts.set(name, start);
    const tensor = this.declare(name, shape);
    this.tensors.set(name, tensor);
    return tensor;
  }

  protected declare(name: string, shape: Shape): Tensor {
    return this.graph.input(name, shape);
  }

  /** Starting values: those of `trained` where it has them, else drawn for this seed and name. */
  initial(seed: number, trained: ReadonlyMap<string, TensorData> = new Map()) {
    const values = new Map<string, TensorData>();
    for (const [name, { shape }] of this.tensors) {
      const start = this.starts.get(name)!;
      const size = sizeOf(shape);
      const data = () =>
        "value" in start
          ? new Float32Array(size).fill(start.value)
          : new Random(seed, name).normals(size, start.deviation);
      values.set(name, trained.get(name) ?? { shape, data: data() });
    }
    return values;
  }
}

/**
 * Parameters that stay as they are: constants of the graph, not inputs of it. A run is then fed with what is new
 * alone, and what depends on nothing else is computed once, when the graph is compiled.
 */
export class FrozenParameters extends Parameters {
  /** @param shared parameters of the same graph, which are asked for what there is no value of */
  constructor(
    graph: Graph,
    private readonly values: ReadonlyMap<string, TensorData>,
    private readonly shared?: Parameters,
  ) {
    super(graph);
  }

  override get(name: string, shape: Shape, start: Start): Tensor {
    if (this.shared && !this.values.has(name)) return this.shared.get(name, shape, start);
    return super.get(name, shape, start);
  }

  /** @throws Error if a parameter has no value, or one of another shape */
  protected override declare(name: string, shape: Shape): Tensor {
    const value = this.values.get(name);
    if (!value || show(value.shape) !== show(shape))
      throw new Error(`parameter "${name}" is ${value ? show(value.shape) : "missing"}`);
    return this.graph.constant(value.data, shape);
  }
}
