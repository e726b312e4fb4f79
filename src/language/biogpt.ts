import {
  add,
  crossEntropy,
  type Graph,
  gather,
  gelu,
  layerNorm,
  linear,
  matmul,
  relu,
  reshape,
  type Shape,
  scale,
  sizeOf,
  slice,
  softmax,
  type Tensor,
  transpose,
} from "../graph/index.js";

/**
 * The fields of a BioGPT `config.json` that the forward pass depends on (Luo et al. 2022; names as
 * in the published checkpoint microsoft/biogpt).
 */
export interface BioGptConfig {
  readonly model_type: "biogpt";
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly intermediate_size: number;
  readonly hidden_act: "gelu" | "relu";
  /** The context: the longest window of tokens. */
  readonly max_position_embeddings: number;
  readonly scale_embedding: boolean;
  readonly layer_norm_eps: number;
  readonly bos_token_id: number;
  readonly pad_token_id: number;
  readonly eos_token_id: number;
}

/** Position embeddings start at row 2 of their table, an inheritance from fairseq. */
const POSITION_OFFSET = 2;

/** Name → shape of every parameter, as in a published safetensors file. The output layer is tied. */
export function bioGptParameters(config: BioGptConfig): Map<string, Shape> {
  const { hidden_size: width, intermediate_size: inner } = config;
  const shapes = new Map<string, Shape>();
  const linearLayer = (name: string, out: number, input: number) => {
    shapes.set(`${name}.weight`, [out, input]);
    shapes.set(`${name}.bias`, [out]);
  };
  const norm = (name: string) => {
    shapes.set(`${name}.weight`, [width]);
    shapes.set(`${name}.bias`, [width]);
  };
  shapes.set("biogpt.embed_tokens.weight", [config.vocab_size, width]);
  const positions = config.max_position_embeddings + POSITION_OFFSET;
  shapes.set("biogpt.embed_positions.weight", [positions, width]);
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const prefix = `biogpt.layers.${layer}`;
    for (const part of ["q_proj", "k_proj", "v_proj", "out_proj"])
      linearLayer(`${prefix}.self_attn.${part}`, width, width);
    norm(`${prefix}.self_attn_layer_norm`);
    linearLayer(`${prefix}.fc1`, inner, width);
    linearLayer(`${prefix}.fc2`, width, inner);
    norm(`${prefix}.final_layer_norm`);
  }
  norm("biogpt.layer_norm");
  return shapes;
}

/** The parameters as inputs of a graph: sessions share the weights, and are made in no time. */
export const parameterInputs = (
  graph: Graph,
  shapes: ReadonlyMap<string, Shape>,
): Map<string, Tensor> =>
  new Map([...shapes].map(([name, shape]) => [name, graph.input(name, shape)]));

/**
 * The forward pass: ids int32 [B, T] → the hidden states after each block, then the normalised last
 * ones, each [B·T, D]. Attention is causal, so padding on the right changes nothing before it.
 * @throws Error if T is larger than the context.
 */
export function bioGptStates(
  config: BioGptConfig,
  parameter: (name: string) => Tensor,
  ids: Tensor,
): Tensor[] {
  const { graph } = ids;
  const [batch, length] = ids.shape as [number, number];
  const { hidden_size: width, num_attention_heads: heads } = config;
  if (length > config.max_position_embeddings)
    throw new Error(
      `bioGpt: ${length} tokens exceed the context of ${config.max_position_embeddings}`,
    );
  const rows = batch * length;
  const headWidth = width / heads;
  const causal = new Float32Array(length * length);
  for (let i = 0; i < length; i++) causal.fill(-1e9, i * length + i + 1, (i + 1) * length);
  const mask = graph.constant(causal, [length, length]);

  const norm = (x: Tensor, name: string) =>
    layerNorm(x, parameter(`${name}.weight`), parameter(`${name}.bias`), config.layer_norm_eps);
  const dense = (x: Tensor, name: string) =>
    linear(x, parameter(`${name}.weight`), parameter(`${name}.bias`));
  const toHeads = (x: Tensor) =>
    transpose(reshape(x, [batch, length, heads, headWidth]), [0, 2, 1, 3]); // [B, H, T, D/H]

  const tokens = gather(parameter("biogpt.embed_tokens.weight"), ids); // [B, T, D]
  const positions = slice(
    parameter("biogpt.embed_positions.weight"),
    0,
    POSITION_OFFSET,
    POSITION_OFFSET + length,
  ); // [T, D]
  const embedded = config.scale_embedding ? scale(tokens, Math.sqrt(width)) : tokens;
  let x = reshape(add(embedded, positions), [rows, width]);
  const states: Tensor[] = [];
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const prefix = `biogpt.layers.${layer}`;
    const attention = `${prefix}.self_attn`;
    const normed = norm(x, `${prefix}.self_attn_layer_norm`);
    const [q, k, v] = ["q_proj", "k_proj", "v_proj"].map((part) =>
      toHeads(dense(normed, `${attention}.${part}`)),
    ) as [Tensor, Tensor, Tensor];
    const scores = matmul(q, k, { transposeB: true, scale: headWidth ** -0.5 });
    const mixed = matmul(softmax(add(scores, mask)), v); // [B, H, T, D/H]
    const merged = reshape(transpose(mixed, [0, 2, 1, 3]), [rows, width]);
    x = add(x, dense(merged, `${attention}.out_proj`));
    const inner = dense(norm(x, `${prefix}.final_layer_norm`), `${prefix}.fc1`);
    const active = config.hidden_act === "gelu" ? gelu(inner) : relu(inner);
    x = add(x, dense(active, `${prefix}.fc2`));
    states.push(x);
  }
  states.push(norm(x, "biogpt.layer_norm"));
  return states;
}

/** Next-token logits of the normalised last states: [B·T, D] → [B·T, V], tied to the embedding. */
export const bioGptLogits = (states: Tensor, parameter: (name: string) => Tensor): Tensor =>
  linear(states, parameter("biogpt.embed_tokens.weight"));

/**
 * Mean cross-entropy of the next token, weighted: adds the inputs ids, targets and weights, [B, T] each.
 */
export function bioGptLoss(
  config: BioGptConfig,
  parameter: (name: string) => Tensor,
  graph: Graph,
  shape: readonly [batch: number, length: number],
): Tensor {
  const rows = [sizeOf(shape)];
  const ids = graph.input("ids", shape, "int32");
  const targets = reshape(graph.input("targets", shape, "int32"), rows);
  const weights = reshape(graph.input("weights", shape), rows);
  const logits = bioGptLogits(bioGptStates(config, parameter, ids).at(-1)!, parameter);
  return crossEntropy(logits, targets, weights);
}
