import { z } from "zod";
import type { InputLocation } from "../base/error.js";
import { checkAs } from "../base/json.js";
import {
  add,
  expand,
  gather,
  multiply,
  reshape,
  rmsNorm,
  type Shape,
  type Tensor,
} from "../graph/index.js";
import type { LanguageModel, Parameter, ReadConfig } from "./architecture.js";
import { activate, activation, count, flag, PADDING, padTokenOf, positive } from "./fields.js";
import { causalAttention, linearOf, refuseLonger, setLinear, toHeads } from "./layers.js";
import { frequencies, rope, rotations } from "./rotary.js";
import { LONGEST_WINDOW } from "./window.js";

/** The fields of a `config.json` of the Llama family (names as in the published checkpoints). */
const FIELDS = z.object({
  ...PADDING,
  model_type: z.string(),
  vocab_size: count,
  hidden_size: count,
  intermediate_size: count,
  num_hidden_layers: count,
  num_attention_heads: count,
  num_key_value_heads: count.nullish(),
  head_dim: count.nullish(),
  hidden_act: activation,
  max_position_embeddings: count,
  rms_norm_eps: positive,
  rope_theta: positive.default(10_000),
  rope_scaling: rope.nullish(),
  /** Newer files have both of the above here. */
  rope_parameters: rope.nullish(),
  attention_bias: flag.default(false),
  mlp_bias: flag.default(false),
  sliding_window: count.nullish(),
  use_sliding_window: flag.optional(),
  tie_word_embeddings: flag.default(false),
});

const EMBEDDING = "model.embed_tokens.weight";

/** In what the models of the family differ, other than by their fields. */
interface Variant {
  readonly queryBias: boolean;
  readonly outBias: boolean;
  readonly mlpBias: boolean;
  /** Each head's queries and keys are normalised. */
  readonly headNorms: boolean;
  /** Tokens further back than this are not seen. */
  readonly slidingWindow: number;
}

type Fields = z.infer<typeof FIELDS>;
type Config = ReturnType<typeof complete>;

/**
 * Llama (Touvron et al. 2023): a causal decoder with rotary positions, grouped-query attention (Ainslie et
 * al. 2023), RMSNorm before each sublayer and SwiGLU (Shazeer 2020).
 */
export const readLlama: ReadConfig = (fields, place) =>
  read(fields, place, ({ attention_bias: bias, mlp_bias: mlpBias }) => ({
    queryBias: bias,
    outBias: bias,
    mlpBias,
    headNorms: false,
    slidingWindow: Infinity,
  }));

/** Mistral: Llama with a sliding window, which no window of tokens here is longer than. */
export const readMistral: ReadConfig = (fields, place) =>
  read(fields, place, ({ sliding_window: window }) => ({
    queryBias: false,
    outBias: false,
    mlpBias: false,
    headNorms: false,
    slidingWindow: window ?? Infinity,
  }));

/** Qwen2: Llama with biases of queries, keys and values. */
export const readQwen2: ReadConfig = (fields, place) =>
  read(fields, place, (config) => ({
    queryBias: true,
    outBias: false,
    mlpBias: false,
    headNorms: false,
    slidingWindow: qwenWindow(config),
  }));

/** Qwen3: Llama with normalised heads. */
export const readQwen3: ReadConfig = (fields, place) =>
  read(fields, place, (config) => ({
    queryBias: config.attention_bias,
    outBias: config.attention_bias,
    mlpBias: false,
    headNorms: true,
    slidingWindow: qwenWindow(config),
  }));

const qwenWindow = ({ use_sliding_window: used, sliding_window: window }: Fields): number =>
  used ? (window ?? Infinity) : Infinity;

function read(
  content: unknown,
  place: InputLocation,
  variantOf: (fields: Fields) => Variant,
): LanguageModel {
  const fields = checkAs(FIELDS.superRefine(refuseUneven), content, place);
  const config = complete(fields, variantOf(fields));
  return {
    type: fields.model_type,
    blocks: fields.num_hidden_layers,
    width: fields.hidden_size,
    context: config.context,
    vocabulary: fields.vocab_size,
    padToken: padTokenOf(fields),
    parameters: parametersOf(config),
    inputFirst: false,
    prefix: "model.",
    outputLayer: fields.tie_word_embeddings ? EMBEDDING : undefined,
    bidirectional: false,
    states: (parameter, ids) => statesOf(config, parameter, ids),
  };
}

/** The fields with the defaults that depend on others. */
const complete = (fields: Fields, variant: Variant) => ({
  ...fields,
  ...variant,
  heads: fields.num_attention_heads,
  groups: groupsOf(fields),
  headWidth: headWidthOf(fields),
  context: Math.min(fields.max_position_embeddings, variant.slidingWindow, LONGEST_WINDOW),
});

const groupsOf = (fields: Fields) => fields.num_key_value_heads ?? fields.num_attention_heads;
const headWidthOf = (fields: Fields) =>
  fields.head_dim ?? fields.hidden_size / fields.num_attention_heads;

function refuseUneven(fields: Fields, context: z.RefinementCtx): void {
  const refuse = (field: string, message: string) =>
    context.addIssue({ code: "custom", path: [field], message });
  if (!Number.isInteger(headWidthOf(fields)))
    refuse("hidden_size", "is not a multiple of num_attention_heads");
  else if (headWidthOf(fields) % 2 !== 0)
    refuse(fields.head_dim ? "head_dim" : "hidden_size", "gives heads of odd width");
  if (fields.num_attention_heads % groupsOf(fields) !== 0)
    refuse("num_attention_heads", "is not a multiple of num_key_value_heads");
}

function parametersOf(config: Config): Map<string, Shape> {
  const { hidden_size: width, intermediate_size: inner, heads, groups, headWidth } = config;
  const shapes = new Map<string, Shape>();
  const norm = (name: string, size = width) => shapes.set(`${name}.weight`, [size]);
  shapes.set(EMBEDDING, [config.vocab_size, width]);
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const prefix = `model.layers.${layer}`;
    const [self, mlp] = [`${prefix}.self_attn`, `${prefix}.mlp`];
    norm(`${prefix}.input_layernorm`);
    setLinear(shapes, `${self}.q_proj`, heads * headWidth, width, config.queryBias);
    setLinear(shapes, `${self}.k_proj`, groups * headWidth, width, config.queryBias);
    setLinear(shapes, `${self}.v_proj`, groups * headWidth, width, config.queryBias);
    setLinear(shapes, `${self}.o_proj`, width, heads * headWidth, config.outBias);
    if (config.headNorms)
      for (const part of ["q_norm", "k_norm"]) norm(`${self}.${part}`, headWidth);
    norm(`${prefix}.post_attention_layernorm`);
    setLinear(shapes, `${mlp}.gate_proj`, inner, width, config.mlpBias);
    setLinear(shapes, `${mlp}.up_proj`, inner, width, config.mlpBias);
    setLinear(shapes, `${mlp}.down_proj`, width, inner, config.mlpBias);
  }
  norm("model.norm");
  return shapes;
}

function statesOf(config: Config, parameter: Parameter, ids: Tensor): Tensor[] {
  const [batch, length] = ids.shape as [number, number];
  const { hidden_size: width, heads, groups, headWidth, queryBias, outBias, mlpBias } = config;
  refuseLonger("llama", length, config.context);
  const norm = (x: Tensor, name: string) =>
    rmsNorm(x, parameter(`${name}.weight`), config.rms_norm_eps);
  const dense = linearOf(parameter);
  const attend = causalAttention(ids.graph, length);
  const { theta = config.rope_theta, scaling } =
    config.rope_parameters ?? config.rope_scaling ?? {};
  const rotate = rotations(ids.graph, length, frequencies(headWidth, theta, scaling));
  /** Each key and value serves a group of heads: [B, G, T, d] → [B, H, T, d] */
  const shared = (x: Tensor) => {
    const repeated = [batch, groups, heads / groups, length, headWidth];
    const apart = reshape(x, [batch, groups, 1, length, headWidth]);
    return reshape(expand(apart, repeated), [batch, heads, length, headWidth]);
  };

  let x = reshape(gather(parameter(EMBEDDING), ids), [batch * length, width]);
  const states: Tensor[] = [];
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const prefix = `model.layers.${layer}`;
    const [self, mlp] = [`${prefix}.self_attn`, `${prefix}.mlp`];
    const normed = norm(x, `${prefix}.input_layernorm`);
    const part = (letter: "q" | "k" | "v") =>
      toHeads(
        dense(normed, `${self}.${letter}_proj`, queryBias),
        [batch, length],
        letter === "q" ? heads : groups,
      );
    const placed = (letter: "q" | "k") => {
      const all = part(letter);
      return rotate(config.headNorms ? norm(all, `${self}.${letter}_norm`) : all);
    };
    const mixed = attend(placed("q"), shared(placed("k")), shared(part("v")));
    x = add(x, dense(mixed, `${self}.o_proj`, outBias));
    const inner = norm(x, `${prefix}.post_attention_layernorm`);
    const gate = activate(config.hidden_act, dense(inner, `${mlp}.gate_proj`, mlpBias));
    const up = dense(inner, `${mlp}.up_proj`, mlpBias);
    x = add(x, dense(multiply(gate, up), `${mlp}.down_proj`, mlpBias));
    states.push(x);
  }
  states.push(norm(x, "model.norm"));
  return states;
}
