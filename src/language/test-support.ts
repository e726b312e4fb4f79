import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Random } from "../base/random.js";
import { type TensorData, writeSafetensors } from "../base/safetensors.js";
import { sizeOf } from "../graph/index.js";
import { type BioGptConfig, bioGpt } from "./biogpt.js";
import { trainBpe } from "./bpe.js";

/** Writes an encoder with random weights, for tests. @returns its configuration and weights */
export function writeRandomEncoder(
  folder: string,
  texts: readonly string[],
  { width, blocks, context }: { width: number; blocks: number; context: number },
): { config: BioGptConfig; weights: Map<string, TensorData> } {
  const tokenizer = trainBpe(texts, { vocabularySize: 300 });
  const config: BioGptConfig = {
    model_type: "biogpt",
    vocab_size: Object.keys(tokenizer.model.vocab).length,
    hidden_size: width,
    num_hidden_layers: blocks,
    num_attention_heads: 2,
    intermediate_size: 2 * width,
    hidden_act: "gelu",
    max_position_embeddings: context,
    scale_embedding: true,
    layer_norm_eps: 1e-12,
    bos_token_id: 0,
    pad_token_id: 1,
    eos_token_id: 2,
  };
  const weights = new Map<string, TensorData>();
  for (const [name, shape] of bioGpt(config).parameters)
    weights.set(name, { shape, data: new Random(name).normals(sizeOf(shape), 0.3) });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "config.json"), JSON.stringify(config));
  writeFileSync(join(folder, "tokenizer.json"), JSON.stringify(tokenizer));
  writeSafetensors(join(folder, "model.safetensors"), weights, { dtype: "F32" });
  return { config, weights };
}
