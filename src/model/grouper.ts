import type { TensorData } from "../base/safetensors.js";
import {
  compileBySize,
  floats,
  Graph,
  type Neighbours,
  type Numbers,
  type Processor,
  type Tensor,
} from "../graph/index.js";
import type { HiddenStates } from "../language/index.js";
import { groupLevels } from "./cladmop.js";
import type { ModelConfig } from "./config.js";
import { languageFeeds, languageInputs, MASK_INPUT, partsOf } from "./language.js";
import { FrozenParameters, Parameters } from "./parameters.js";

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
  /** Compiles and runs what is made for each length, so that no text waits for it. */
  warmUp(): Promise<void>;
  release(): Promise<void>;
}

/** Sequences are padded to a multiple of this many tokens. */
const BUCKET = 64;

/**
 * @param trained parameters of the base; those it lacks are drawn for the seed
 * @param batch parts that one run takes together, those of like length
 */
export async function createGrouper(
  config: ModelConfig,
  trained: ReadonlyMap<string, TensorData>,
  {
    depth,
    batch,
    processor,
    seed,
    neighbours,
  }: {
    depth: number;
    batch: number;
    processor: Processor;
    seed: number;
    neighbours?: Neighbours;
  },
): Promise<Grouper> {
  const levels = config.levels.length;
  const build = (parameters: Parameters, tokens: number): Graph => {
    const { graph } = parameters;
    const { states, mask } = languageInputs(graph, { levels, batch, tokens, depth });
    const grouped = groupLevels(parameters, config, states, mask);
    for (const [i, level] of grouped.entries()) graph.output(`group${i}`, level);
    return graph;
  };
  const asked = new Parameters(new Graph());
  build(asked, config.tokens);
  const values = asked.initial(seed, trained);
  const lengthFor = (tokens: number) =>
    Math.min(config.tokens, Math.ceil(tokens / BUCKET) * BUCKET);
  const builds = new Map<number, () => Graph>();
  for (let tokens = BUCKET; tokens < config.tokens + BUCKET; tokens += BUCKET) {
    const length = lengthFor(tokens);
    builds.set(batch * length, () => build(new FrozenParameters(new Graph(), values), length));
  }
  const session = compileBySize(MASK_INPUT, builds, processor, neighbours);
  const size = config.centroids.at(-1)! * config.width;
  const grouper: Grouper = {
    parameters: values,
    async group(all) {
      const parts = all
        .flatMap((states, text) => {
          const own = partsOf(states, config.tokens);
          return own.map((part) => ({ text, part, share: 1 / own.length }));
        })
        .sort((a, b) => a.part.tokens - b.part.tokens);
      const results = all.map(() => config.levels.map(() => new Float32Array(size)));
      for (let first = 0; first < parts.length; first += batch) {
        const rows = parts.slice(first, first + batch);
        const output = await session.run(
          languageFeeds(
            rows.map(({ part }) => part),
            batch,
            lengthFor(rows.at(-1)!.part.tokens),
          ),
        );
        for (let level = 0; level < levels; level++) {
          const values = floats(output[`group${level}`]);
          rows.forEach(({ text, share }, row) => {
            const mean = results[text]![level]!;
            for (let i = 0; i < size; i++) mean[i]! += share * values[row * size + i]!;
          });
        }
      }
      return results;
    },
    async warmUp() {
      for (const numbers of builds.keys()) {
        const tokens = numbers / batch;
        const level = new Uint16Array(tokens * depth);
        await grouper.group([{ tokens, width: depth, levels: config.levels.map(() => level) }]);
      }
    },
    release: () => session.release(),
  };
  return grouper;
}
