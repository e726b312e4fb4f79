import type { InputLocation } from "../base/error.js";
import type { ElementType, Graph, Shape, Tensor, Value } from "../graph/index.js";

/** What a config.json says about a language model of any architecture. */
export interface ModelOutline {
  /** Its `model_type`. */
  readonly type: string;
  /** Number of blocks. */
  readonly blocks: number;
  /** Numbers in a hidden state. */
  readonly width: number;
  /** The longest window of tokens. */
  readonly context: number;
  /** Token ids are below this. */
  readonly vocabulary: number;
  /** The token that fills a batch up, and that stands for a text without any. */
  readonly padToken: number;
}

/** A language model as its config.json describes it. */
export interface LanguageModel extends ModelOutline {
  /** Name → shape of every parameter that a hidden state depends on, as in a published safetensors file. */
  readonly parameters: ReadonlyMap<string, Shape>;
  /** Whether linear layers are stored as [in, out]; else they are [out, in]. */
  readonly inputFirst: boolean;
  /** The start of the names that a file of the model without its head leaves out. */
  readonly prefix: string;
  /** The parameter that is the output layer too; undefined where that is another one, or there is none. */
  readonly outputLayer: string | undefined;
  /** Whether a token sees those after it: `present` then tells tokens (1) from padding (0). */
  readonly bidirectional: boolean;
  /**
   * The forward pass: ids int32 [B, T], present [B, T] where bidirectional → the hidden states after each
   * block, then the normalised last ones, each [B·T, D]. Padding on the right changes nothing before it.
   * @throws Error if T is larger than the context.
   */
  states(parameter: Parameter, ids: Tensor, present?: Tensor): Tensor[];
}

/** The parameter of a name. */
export type Parameter = (name: string) => Tensor;

/** Reads a config.json's content. @throws InputError naming the field that is at fault */
export type ReadConfig = (config: unknown, place: InputLocation) => LanguageModel;

/** Whether a parameter is the weight of a linear layer: every matrix of a block is. */
export const isLinear = (name: string, shape: Shape): boolean =>
  shape.length === 2 && /\.\d+\./.test(name);

/** The name of the scales of a weight in int8. */
export const scaleName = (weight: string): string => `${weight}_scale`;

/** The parameters as inputs of a graph: sessions share the weights, and are made in no time. */
export const parameterInputs = (
  graph: Graph,
  shapes: ReadonlyMap<string, Shape>,
): Map<string, Tensor> =>
  new Map([...shapes].map(([name, shape]) => [name, graph.input(name, shape)]));

/** {@link parameterInputs} of a checkpoint's weights, some of which may be int8, with scales beside them. */
export const weightInputs = (
  graph: Graph,
  weights: ReadonlyMap<string, Value>,
): Map<string, Tensor> =>
  new Map(
    [...weights].map(([name, { dims, type }]) => [
      name,
      graph.input(name, dims, type as ElementType),
    ]),
  );
