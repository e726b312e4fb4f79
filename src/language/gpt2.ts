import { z } from "zod";
import { checkAs } from "../base/json.js";
import { add, gather, reshape, type Shape, slice, type Tensor } from "../graph/index.js";
import type { LanguageModel, Parameter, ReadConfig } from "./architecture.js";
import {
  activate,
  activation,
  count,
  dividedBy,
  only,
  PADDING,
  padTokenOf,
  positive,
} from "./fields.js";
import { causalAttention, linearOf, normOf, refuseLonger, setNorm, toHeads } from "./layers.js";

/** The fields of a GPT-2 `config.json` (names as in the published checkpoint openai-community/gpt2). */
const FIELDS = z
  .object({
    ...PADDING,
    vocab_size: count,
    n_positions: count,
    n_embd: count,
    n_layer: count,
    n_head: count,
    n_inner: count.nullish(),
    activation_function: activation,
    layer_norm_epsilon: positive,
    scale_attn_weights: only(true),
    scale_attn_by_inverse_layer_idx: only(false),
    add_cross_attention: only(false),
  })
  .superRefine(dividedBy("n_embd", "n_head"));
type Gpt2Config = z.infer<typeof FIELDS>;

const EMBEDDING = "transformer.wte.weight";

/**
 * GPT-2 (Radford et al. 2019), BioMedLM among others: a causal decoder with learned positions and
 * normalisation before each sublayer. Its linear layers are stored as [in, out].
 */
export const readGpt2: ReadConfig = (fields, place): LanguageModel => {
  const config = checkAs(FIELDS, fields, place);
  return {
    type: "gpt2",
    blocks: config.n_layer,
    width: config.n_embd,
    context: config.n_positions,
    vocabulary: config.vocab_size,
    padToken: padTokenOf(config),
    parameters: parametersOf(config),
    inputFirst: true,
    prefix: "transformer.",
    outputLayer: EMBEDDING,
    bidirectional: false,
    states: (parameter, ids) => statesOf(config, parameter, ids),
  };
};

function parametersOf(config: Gpt2Config): Map<string, Shape> {
  const { n_embd: width } = config;
  const inner = config.n_inner ?? 4 * width;
  const shapes = new Map<string, Shape>();
  const linear = (name: string, input: number, out: number) => {
    shapes.set(`${name}.weight`, [input, out]);
    shapes.set(`${name}.bias`, [out]);
  };
  shapes.set(EMBEDDING, [config.vocab_size, width]);
  shapes.set("transformer.wpe.weight", [config.n_positions, width]);
  for (let layer = 0; layer < config.n_layer; layer++) {
    const prefix = `transformer.h.${layer}`;
    setNorm(shapes, `${prefix}.ln_1`, width);
    linear(`${prefix}.attn.c_attn`, width, 3 * width);
    linear(`${prefix}.attn.c_proj`, width, width);
    setNorm(shapes, `${prefix}.ln_2`, width);
    linear(`${prefix}.mlp.c_fc`, width, inner);
    linear(`${prefix}.mlp.c_proj`, inner, width);
  }
  setNorm(shapes, "transformer.ln_f", width);
  return shapes;
}

function statesOf(config: Gpt2Config, parameter: Parameter, ids: Tensor): Tensor[] {
  const [batch, length] = ids.shape as [number, number];
  const { n_embd: width, n_head: heads } = config;
  refuseLonger("gpt2", length, config.n_positions);
  const norm = normOf(parameter, config.layer_norm_epsilon);
  const dense = linearOf(parameter, { inputFirst: true });
  const attend = causalAttention(ids.graph, length);

  const tokens = gather(parameter(EMBEDDING), ids); // [B, T, D]
  const positions = slice(parameter("transformer.wpe.weight"), 0, 0, length); // [T, D]
  let x = reshape(add(tokens, positions), [batch * length, width]);
  const states: Tensor[] = [];
  for (let layer = 0; layer < config.n_layer; layer++) {
    const prefix = `transformer.h.${layer}`;
    const joined = dense(norm(x, `${prefix}.ln_1`), `${prefix}.attn.c_attn`); // [B·T, 3D]
    const [q, k, v] = [0, 1, 2].map((part) =>
      toHeads(slice(joined, 1, part * width, (part + 1) * width), [batch, length], heads),
    ) as [Tensor, Tensor, Tensor];
    x = add(x, dense(attend(q, k, v), `${prefix}.attn.c_proj`));
    const inner = dense(norm(x, `${prefix}.ln_2`), `${prefix}.mlp.c_fc`);
    x = add(x, dense(activate(config.activation_function, inner), `${prefix}.mlp.c_proj`));
    states.push(x);
  }
  states.push(norm(x, "transformer.ln_f"));
  return states;
}
