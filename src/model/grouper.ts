import type { TensorData } from "../base/safetensors.js";
import { compile, type Feed, floats, Graph } from "../graph/index.js";
import type { HiddenStates } from "../language/index.js";
import { groupLevels } from "./cladmop.js";
import type { ModelConfig } from "./config.js";
import { languageFeeds, languageInputs } from "./language.js";
import { Parameters } from "./parameters.js";

/** Grouped tokens of one trial: for each level [K, d]. */
export type Grouped = readonly Float32Array[];

/** The grouping blocks of a base, frozen: hidden states → grouped tokens. */
export interface Grouper {
  readonly parameters: ReadonlyMap<string, TensorData>;
  group(states: readonly HiddenStates[]): Promise<Grouped[]>;
  release(): Promise<void>;
}

/** @param trained parameters of the base; those it lacks are drawn for the seed */
export async function createGrouper(
  config: ModelConfig,
  trained: ReadonlyMap<string, TensorData>,
  { depth, batch, threads, seed }: { depth: number; batch: number; threads: number; seed: number },
): Promise<Grouper> {
  const graph = new Graph();
  const parameters = new Parameters(graph);
  const levels = config.levels.length;
  const { states, mask } = languageInputs(graph, { levels, batch, tokens: config.tokens, depth });
  const grouped = groupLevels(parameters, config, states, mask);
  for (const [i, level] of grouped.entries()) graph.output(`group${i}`, level);
  const session = await compile(graph, threads);
  const values = parameters.initial(seed, trained);
  const frozen: Record<string, Feed> = Object.fromEntries(
    [...values].map(([name, { data }]) => [name, data]),
  );
  const size = config.centroids.at(-1)! * config.width;
  return {
    parameters: values,
    async group(all) {
      const results: Grouped[] = [];
      for (let first = 0; first < all.length; first += batch) {
        const rows = all.slice(first, first + batch);
        const output = await session.run({
          ...frozen,
          ...languageFeeds(rows, batch, config.tokens),
        });
        const levelValues = grouped.map((_, i) => floats(output[`group${i}`]));
        rows.forEach((_, row) => {
          results.push(levelValues.map((level) => level.slice(row * size, (row + 1) * size)));
        });
      }
      return results;
    },
    release: () => session.release(),
  };
}
