import { add, cast, type Graph, scale, type Tensor } from "../graph/index.js";

/** Which blocks of the language model make a level, counted from 1, and how they stand for it. */
export interface Level {
  readonly from: number;
  readonly to: number;
  /** The state after the last of the blocks, or the mean of the states after each. */
  readonly state: "last" | "mean";
}

/** Declares each level as an output `level0`, …, in float16. @param states after each block */
export function outputLevels(
  graph: Graph,
  levels: readonly Level[],
  states: readonly Tensor[],
): void {
  for (const [i, level] of levels.entries())
    graph.output(`level${i}`, cast(stateOf(level, states), "float16"));
}

function stateOf({ from, to, state }: Level, states: readonly Tensor[]): Tensor {
  if (state === "last") return states[to - 1]!;
  const blocks = states.slice(from - 1, to);
  return scale(blocks.reduce(add), 1 / blocks.length);
}
