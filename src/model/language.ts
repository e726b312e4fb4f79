import { fromFloat16, toFloat16 } from "../base/float16.js";
import { cast, type Graph, type Numbers, type Tensor } from "../graph/index.js";
import type { Encoder, HiddenStateStore, HiddenStates } from "../language/index.js";
import { PADDING } from "./features.js";

/**
 * At most `limit` states for each level: neighbours are averaged, k to one with the smallest k that
 * fits, so that a long text loses resolution and not its end.
 */
export function shorten(states: HiddenStates, limit: number): HiddenStates {
  const { tokens, width } = states;
  const size = Math.ceil(tokens / limit);
  if (size === 1) return states;
  const shorter = Math.ceil(tokens / size);
  const levels = states.levels.map((level) => {
    const values = fromFloat16(level);
    const means = new Float32Array(shorter * width);
    for (let token = 0; token < tokens; token++) {
      const group = Math.floor(token / size);
      const members = Math.min(size, tokens - group * size);
      for (let i = 0; i < width; i++)
        means[group * width + i]! += values[token * width + i]! / members;
    }
    return toFloat16(means);
  });
  return { tokens: shorter, width, levels };
}

/** Encodes texts in small lots, through the store: `done` is told after each lot. */
export async function encodeThroughStore(
  texts: readonly string[],
  encoder: Encoder,
  store: HiddenStateStore,
  limit: number,
  done: (texts: number, tokens: number) => void,
): Promise<{ cached: number; tokens: number }> {
  const missing = [...new Set(texts)].filter((text) => !store.has(text));
  const cached = texts.length - missing.length;
  let tokens = 0;
  for (let first = 0; first < missing.length; first += LOT) {
    const lot = missing.slice(first, first + LOT);
    const states = await encoder.encode(lot);
    states.forEach((one, i) => {
      tokens += one.tokens;
      store.put(lot[i]!, shorten(one, limit));
    });
    done(cached + first + lot.length, tokens);
  }
  return { cached, tokens };
}

/** Texts encoded between two reports; also the work that a kill can lose. */
const LOT = 64;

/** The inputs of the language branch: float16 hidden states of each level and which tokens count. */
export function languageInputs(
  graph: Graph,
  {
    levels,
    batch,
    tokens,
    depth,
  }: { levels: number; batch: number; tokens: number; depth: number },
): { states: Tensor[]; mask: Tensor } {
  return {
    states: Array.from({ length: levels }, (_, i) =>
      cast(graph.input(`level${i}`, [batch, tokens, depth], "float16"), "float32"),
    ),
    mask: graph.input("tokenMask", [batch, 1, tokens]),
  };
}

/** The feeds of {@link languageInputs}; missing rows of the last batch are empty. */
export function languageFeeds(
  rows: readonly HiddenStates[],
  batch: number,
  tokens: number,
): Record<string, Numbers> {
  const { width, levels } = rows[0]!;
  const feeds: Record<string, Numbers> = {};
  levels.forEach((_, level) => {
    const data = new Uint16Array(batch * tokens * width);
    rows.forEach((states, row) => {
      data.set(states.levels[level]!, row * tokens * width);
    });
    feeds[`level${level}`] = data;
  });
  const tokenMask = new Float32Array(batch * tokens).fill(PADDING);
  rows.forEach((states, row) => {
    tokenMask.fill(0, row * tokens, row * tokens + states.tokens);
  });
  return { ...feeds, tokenMask };
}
