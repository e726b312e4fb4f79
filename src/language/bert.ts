import { z } from "zod";
import { checkAs } from "../base/json.js";
import {
  add,
  gather,
  reshape,
  type Shape,
  scale,
  shift,
  slice,
  type Tensor,
} from "../graph/index.js";
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
import {
  attention,
  linearOf,
  normOf,
  refuseLonger,
  setLinear,
  setNorm,
  toHeads,
} from "./layers.js";

/** The fields of a BERT `config.json` (names as in the published checkpoint bert-base-uncased). */
const FIELDS = z
  .object({
    ...PADDING,
    vocab_size: count,
    hidden_size: count,
    num_hidden_layers: count,
    num_attention_heads: count,
    intermediate_size: count,
    hidden_act: activation,
    max_position_embeddings: count,
    type_vocab_size: count.default(2),
    layer_norm_eps: positive.default(1e-12), // what older files leave out
    position_embedding_type: only("absolute"),
    is_decoder: only(false),
  })
  .superRefine(dividedBy("hidden_size", "num_attention_heads"));
type BertConfig = z.infer<typeof FIELDS>;

/**
 * BERT (Devlin et al. 2019), BioBERT, PubMedBERT and MiniLM among others: a bidirectional encoder with
 * learned positions and normalisation after each sublayer. A text is of token type 0.
 */
export const readBert: ReadConfig = (fields, place): LanguageModel => {
  const config = checkAs(FIELDS, fields, place);
  return {
    type: "bert",
    blocks: config.num_hidden_layers,
    width: config.hidden_size,
    context: config.max_position_embeddings,
    vocabulary: config.vocab_size,
    padToken: padTokenOf(config),
    parameters: parametersOf(config),
    inputFirst: false,
    prefix: "bert.",
    outputLayer: undefined,
    bidirectional: true,
    states: (parameter, ids, present) => statesOf(config, parameter, ids, present!),
  };
};

function parametersOf(config: BertConfig): Map<string, Shape> {
  const { hidden_size: width, intermediate_size: inner } = config;
  const shapes = new Map<string, Shape>();
  const embeddings = "bert.embeddings";
  shapes.set(`${embeddings}.word_embeddings.weight`, [config.vocab_size, width]);
  shapes.set(`${embeddings}.position_embeddings.weight`, [config.max_position_embeddings, width]);
  shapes.set(`${embeddings}.token_type_embeddings.weight`, [config.type_vocab_size, width]);
  setNorm(shapes, `${embeddings}.LayerNorm`, width);
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const prefix = `bert.encoder.layer.${layer}`;
    for (const part of ["query", "key", "value"])
      setLinear(shapes, `${prefix}.attention.self.${part}`, width, width);
    setLinear(shapes, `${prefix}.attention.output.dense`, width, width);
    setNorm(shapes, `${prefix}.attention.output.LayerNorm`, width);
    setLinear(shapes, `${prefix}.intermediate.dense`, inner, width);
    setLinear(shapes, `${prefix}.output.dense`, width, inner);
    setNorm(shapes, `${prefix}.output.LayerNorm`, width);
  }
  return shapes;
}

function statesOf(
  config: BertConfig,
  parameter: Parameter,
  ids: Tensor,
  present: Tensor,
): Tensor[] {
  const [batch, length] = ids.shape as [number, number];
  const { hidden_size: width, num_attention_heads: heads } = config;
  refuseLonger("bert", length, config.max_position_embeddings);
  const norm = normOf(parameter, config.layer_norm_eps);
  const dense = linearOf(parameter);
  const mask = reshape(scale(shift(present, -1), 1e9), [batch, 1, 1, length]); // 0 or −10⁹

  const tokens = gather(parameter("bert.embeddings.word_embeddings.weight"), ids); // [B, T, D]
  const table = parameter("bert.embeddings.position_embeddings.weight");
  const positions = slice(table, 0, 0, length); // [T, D]
  const type = slice(parameter("bert.embeddings.token_type_embeddings.weight"), 0, 0, 1); // [1, D]
  const embedded = reshape(add(tokens, add(positions, type)), [batch * length, width]);
  let x = norm(embedded, "bert.embeddings.LayerNorm");
  const states: Tensor[] = [];
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const prefix = `bert.encoder.layer.${layer}`;
    const [q, k, v] = ["query", "key", "value"].map((part) =>
      toHeads(dense(x, `${prefix}.attention.self.${part}`), [batch, length], heads),
    ) as [Tensor, Tensor, Tensor];
    const mixed = dense(attention(q, k, v, mask), `${prefix}.attention.output.dense`);
    x = norm(add(x, mixed), `${prefix}.attention.output.LayerNorm`);
    const inner = activate(config.hidden_act, dense(x, `${prefix}.intermediate.dense`));
    x = norm(add(x, dense(inner, `${prefix}.output.dense`)), `${prefix}.output.LayerNorm`);
    states.push(x);
  }
  states.push(x); // normalised already
  return states;
}
