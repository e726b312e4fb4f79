import { z } from "zod";
import { checkAs } from "../base/json.js";
import { add, gather, reshape, type Shape, scale, slice, type Tensor } from "../graph/index.js";
import type { LanguageModel, Parameter, ReadConfig } from "./architecture.js";
import { activate, activation, count, dividedBy, flag, positive, tokenId } from "./fields.js";
import {
  causalAttention,
  linearOf,
  normOf,
  refuseLonger,
  setLinear,
  setNorm,
  toHeads,
} from "./layers.js";

const FIELDS = z
  .object({
    model_type: z.literal("biogpt"),
    vocab_size: count,
    hidden_size: count,
    num_hidden_layers: count,
    num_attention_heads: count,
    intermediate_size: count,
    hidden_act: activation,
    /** The context: the longest window of tokens. */
    max_position_embeddings: count,
    scale_embedding: flag,
    layer_norm_eps: positive,
    bos_token_id: tokenId,
    pad_token_id: tokenId,
    eos_token_id: tokenId,
  })
  .superRefine(dividedBy("hidden_size", "num_attention_heads"));

/**
 * The fields of a BioGPT `config.json` that the forward pass depends on (Luo et al. 2022; names as
 * in the published checkpoint microsoft/biogpt).
 */
export type BioGptConfig = z.infer<typeof FIELDS>;

/** Position embeddings start at row 2 of their table, an inheritance from fairseq. */
const POSITION_OFFSET = 2;
const EMBEDDING = "biogpt.embed_tokens.weight";

export const readBioGpt: ReadConfig = (config, place) => bioGpt(checkAs(FIELDS, config, place));

/** BioGPT: a causal decoder with learned positions and normalisation before each sublayer. */
export const bioGpt = (config: BioGptConfig): LanguageModel => ({
  type: "biogpt",
  blocks: config.num_hidden_layers,
  width: config.hidden_size,
  context: config.max_position_embeddings,
  vocabulary: config.vocab_size,
  padToken: config.pad_token_id,
  parameters: parametersOf(config),
  inputFirst: false,
  prefix: "biogpt.",
  outputLayer: EMBEDDING,
  bidirectional: false,
  states: (parameter, ids) => statesOf(config, parameter, ids),
});

function parametersOf(config: BioGptConfig): Map<string, Shape> {
  const { hidden_size: width, intermediate_size: inner } = config;
  const shapes = new Map<string, Shape>();
  shapes.set(EMBEDDING, [config.vocab_size, width]);
  const positions = config.max_position_embeddings + POSITION_OFFSET;
  shapes.set("biogpt.embed_positions.weight", [positions, width]);
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const prefix = `biogpt.layers.${layer}`;
    for (const part of ["q_proj", "k_proj", "v_proj", "out_proj"])
      setLinear(shapes, `${prefix}.self_attn.${part}`, width, width);
    setNorm(shapes, `${prefix}.self_attn_layer_norm`, width);
    setLinear(shapes, `${prefix}.fc1`, inner, width);
    setLinear(shapes, `${prefix}.fc2`, width, inner);
    setNorm(shapes, `${prefix}.final_layer_norm`, width);
  }
  setNorm(shapes, "biogpt.layer_norm", width);
  return shapes;
}

function statesOf(config: BioGptConfig, parameter: Parameter, ids: Tensor): Tensor[] {
  const [batch, length] = ids.shape as [number, number];
  const { hidden_size: width, num_attention_heads: heads } = config;
  refuseLonger("bioGpt", length, config.max_position_embeddings);
  const norm = normOf(parameter, config.layer_norm_eps);
  const dense = linearOf(parameter);
  const attend = causalAttention(ids.graph, length);

  const tokens = gather(parameter(EMBEDDING), ids); // [B, T, D]
  const positions = slice(
    parameter("biogpt.embed_positions.weight"),
    0,
    POSITION_OFFSET,
    POSITION_OFFSET + length,
  ); // [T, D]
  const embedded = config.scale_embedding ? scale(tokens, Math.sqrt(width)) : tokens;
  let x = reshape(add(embedded, positions), [batch * length, width]);
  const states: Tensor[] = [];
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const prefix = `biogpt.layers.${layer}`;
    const normed = norm(x, `${prefix}.self_attn_layer_norm`);
    const [q, k, v] = ["q_proj", "k_proj", "v_proj"].map((part) =>
      toHeads(dense(normed, `${prefix}.self_attn.${part}`), [batch, length], heads),
    ) as [Tensor, Tensor, Tensor];
    x = add(x, dense(attend(q, k, v), `${prefix}.self_attn.out_proj`));
    const inner = dense(norm(x, `${prefix}.final_layer_norm`), `${prefix}.fc1`);
    x = add(x, dense(activate(config.hidden_act, inner), `${prefix}.fc2`));
    states.push(x);
  }
  states.push(norm(x, "biogpt.layer_norm"));
  return states;
}
