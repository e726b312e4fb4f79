import type { TensorData } from "../base/safetensors.js";
import {
  compile,
  floats,
  Graph,
  type Numbers,
  type Processor,
  type Tensor,
  upload,
} from "../graph/index.js";
import type { HiddenStates } from "../language/index.js";
import { groupLevels } from "./cladmop.js";
import type { ModelConfig } from "./config.js";
import { languageFeeds, languageInputs, partsOf } from "./language.js";
import { Parameters } from "./parameters.js";

/** Grouped tokens of one trial: for each level [K, d]. */
export type Grouped = readonly Float32Array[];

/** Declares grouped tokens [B, K, d] of each level as inputs; {@link groupFeeds} fills them. */
export function groupInputs(graph: Graph, config: ModelConfig, batch: number): Tensor[] {
  const shape = [batch, config.centroids.at(-1)!, config.width];
  return config.levels.map((_, i) => graph.input(`group${i}`, shape));
}

/** The feeds of {@link groupInputs}; missing rows of the last batch are empty. */
export function groupFeeds(
  config: ModelConfig,
  rows: readonly { readonly grouped: Grouped }[],
  batch: number,
): Record<string, Numbers> {
  const size = config.centroids.at(-1)! * config.width;
  const feeds: Record<string, Numbers> = {};
  config.levels.forEach((_, level) => {
    const data = new Float32Array(batch * size);
    rows.forEach(({ grouped }, row) => {
      data.set(grouped[level]!, row * size);
    });
    feeds[`group${level}`] = data;
  });
  return feeds;
}

/** The grouping blocks of a base, frozen: hidden states → grouped tokens. */
export interface Grouper {
  readonly parameters: ReadonlyMap<string, TensorData>;
  /** Grouped tokens of texts of any length: a long one's are the means over its parts. */
  group(states: readonly HiddenStates[]): Promise<Grouped[]>;
  release(): Promise<void>;
}

/** @param trained parameters of the base; those it lacks are drawn for the seed */
export async function createGrouper(
  config: ModelConfig,
  trained: ReadonlyMap<string, TensorData>,
  {
    depth,
    batch,
    processor,
    seed,
  }: { depth: number; batch: number; processor: Processor; seed: number },
): Promise<Grouper> {
  const graph = new Graph();
  const parameters = new Parameters(graph);
  const levels = config.levels.length;
  const { states, mask } = languageInputs(graph, { levels, batch, tokens: config.tokens, depth });
  const grouped = groupLevels(parameters, config, states, mask);
  for (const [i, level] of grouped.entries()) graph.output(`group${i}`, level);
  const session = await compile(graph, processor);
  const values = parameters.initial(seed, trained);
  const frozen = await upload(values, processor);
  const size = config.centroids.at(-1)! * config.width;
  return {
    parameters: values,
    async group(all) {
      const parts = all.flatMap((states, text) => {
        const own = partsOf(states, config.tokens);
        return own.map((part) => ({ text, part, share: 1 / own.length }));
      });
      const results = all.map(() => grouped.map(() => new Float32Array(size)));
      for (let first = 0; first < parts.length; first += batch) {
        const rows = parts.slice(first, first + batch);
        const output = await session.run({
          ...frozen.feeds,
          ...languageFeeds(
            rows.map(({ part }) => part),
            batch,
            config.tokens,
          ),
        });
        for (const level of grouped.keys()) {
          const values = floats(output[`group${level}`]);
          rows.forEach(({ text, share }, row) => {
            const mean = results[text]![level]!;
            for (let i = 0; i < size; i++) mean[i]! += share * values[row * size + i]!;
          });
        }
      }
      return results;
    },
    async release() {
      await frozen.release();
      await session.release();
    },
  };
}
