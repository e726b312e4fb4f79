import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Random } from "../base/random.js";
import { type TensorData, writeSafetensors } from "../base/safetensors.js";
import { type Shape, sizeOf } from "../graph/index.js";
import { type BioGptConfig, bioGpt } from "./biogpt.js";
import { trainBpe } from "./bpe.js";
import type { Encoder } from "./encoder.js";

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

/**
 * The numbers of a parameter of the fixtures of bench/reference/language-models.py: from −0.5 to 0.5, of a
 * norm's weight from 0.5 to 1.5, by FNV-1a of its name and a congruential generator.
 */
export function formulaNumbers(name: string, shape: Shape): Float32Array {
  let state = 0x811c9dc5;
  for (const byte of Buffer.from(name)) state = Math.imul(state ^ byte, 0x01000193) >>> 0;
  const centre = shape.length === 1 && name.endsWith(".weight") ? 1 : 0;
  return Float32Array.from({ length: sizeOf(shape) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5 + centre;
  });
}

/** A checkpoint that bench/reference/language-models.py has described: its files' fields and parameters. */
export interface Fixture {
  readonly config: Readonly<Record<string, unknown>>;
  readonly parameters: Readonly<Record<string, Shape>>;
  readonly ids: readonly number[][];
  readonly present: readonly number[][];
  /** After each block, then normalised. */
  readonly states: readonly number[][];
}

export const fixtureOf = (type: string): Fixture =>
  JSON.parse(
    readFileSync(new URL(`../../src/language/fixtures/${type}.json`, import.meta.url), "utf8"),
  );

/** The tensors of a fixture's checkpoint by their published names. */
export const tensorsOf = ({ parameters }: Fixture): Map<string, TensorData> =>
  new Map(
    Object.entries(parameters).map(([name, shape]) => [
      name,
      { shape, data: formulaNumbers(name, shape) },
    ]),
  );

/** Writes a fixture's checkpoint with 13 tokens: those that BERT's tokenizer needs, and single letters. */
export function writeFixture(folder: string, type: string): Fixture {
  const fixture = fixtureOf(type);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "config.json"), JSON.stringify(fixture.config));
  writeFileSync(join(folder, "vocab.txt"), `${WORD_PIECES.join("\n")}\n`);
  writeSafetensors(join(folder, "model.safetensors"), tensorsOf(fixture), { dtype: "F32" });
  return fixture;
}

const WORD_PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", ..."abcde", "##a", "##b", "##c", "."];

/**
 * An encoder of a token a text whose states depend on the lot that it is encoded in, as rounding makes those
 * of a real one. @returns it, with the sizes of the lots it has encoded
 */
export function lotEncoder(milliseconds = 0): { encoder: Encoder; lots: number[] } {
  const lots: number[] = [];
  const encoder: Encoder = {
    hash: "",
    width: 2,
    levels: [],
    countTokens: () => 1,
    encode: async (texts) => {
      lots.push(texts.length);
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      return texts.map((text, i) => ({
        tokens: 1,
        width: 2,
        levels: [Uint16Array.of(text.length, 1000 * i + texts.length)],
      }));
    },
    warmUp: async () => {},
    release: async () => {},
  };
  return { encoder, lots };
}
