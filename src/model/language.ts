import { cast, type Graph, type Numbers, type Tensor } from "../graph/index.js";
import type { HiddenStates } from "../language/index.js";
import { type ModelConfig, PRESETS, type Preset } from "./config.js";
import { PADDING } from "./tokens.js";

/**
 * Consecutive parts of a text's states, of at most `limit` tokens each and as equal in length as can be:
 * a text of any length is read whole, in parts like those that the grouping blocks have learned from.
 */
export function partsOf(states: HiddenStates, limit: number): HiddenStates[] {
  const { tokens, width, levels } = states;
  const parts = Math.ceil(tokens / limit);
  if (parts === 1) return [states];
  return Array.from({ length: parts }, (_, part) => {
    const [start, end] = [part, part + 1].map((i) => Math.round((i * tokens) / parts)) as [
      number,
      number,
    ];
    return {
      tokens: end - start,
      width,
      levels: levels.map((level) => level.subarray(start * width, end * width)),
    };
  });
}

/** Of states with all levels of a preset those that a configuration reads. */
export function levelsIn(
  { levels }: ModelConfig,
  preset: Preset,
  all: readonly HiddenStates[],
): HiddenStates[] {
  const places = levels.map(({ from, to }) =>
    PRESETS[preset].levels.findIndex((level) => level.from === from && level.to === to),
  );
  return all.map((states) => ({ ...states, levels: places.map((place) => states.levels[place]!) }));
}

/** The input of {@link languageInputs} whose size tells how long the sequences are. */
export const MASK_INPUT = "tokenMask";

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
    mask: graph.input(MASK_INPUT, [batch, 1, tokens]),
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
  return { ...feeds, [MASK_INPUT]: tokenMask };
}
