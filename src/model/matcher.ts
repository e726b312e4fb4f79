import type { TensorData } from "../base/safetensors.js";
import {
  add,
  floats,
  Graph,
  multiply,
  type Processor,
  scale,
  sum,
  type Tensor,
  upload,
} from "../graph/index.js";
import { criteriaSide, matchingPair, moleculeSide, successScores } from "./cladmop.js";
import type { ModelConfig } from "./config.js";
import { type DiseaseTable, type TrialFeatures, tableSizes } from "./features.js";
import { type Grouped, groupFeeds, groupInputs } from "./grouper.js";
import { compileRooms, moleculeFeeds, moleculeInputs, type Room } from "./molecule-inputs.js";
import { Parameters } from "./parameters.js";

/** What a pre-trained base makes of a trial, before it has seen a label. */
export interface Match {
  /**
   * How much the trial looks like a success: the {@link successScores} of the criteria and, by
   * MOLECULES_SAY, of drugs and diseases; or how well the pair matches where the base was not trained to
   * rank, as in the paper.
   */
  readonly score: number;
  /** The {@link successScores} of criteria, and of drugs and diseases; zeros where there are none. */
  readonly success: Float32Array;
  /** Both sides of the pair on the unit sphere: [d] each. */
  readonly criteria: Float32Array;
  readonly molecules: Float32Array;
}

/** A base's two sides, frozen: zero-shot scores, and embeddings for a few labels to work on. */
export interface Matcher {
  match(
    rows: readonly { readonly features: TrialFeatures; readonly grouped: Grouped }[],
  ): Promise<Match[]>;
  release(): Promise<void>;
}

/**
 * Drugs that pre-training has seen are scored with more conviction than they deserve. Chosen by labels of
 * TOP's phases I to III, of trials that train or validate in benchmarks/top.yaml (bench/success.js).
 */
const MOLECULES_SAY = 0.2;

/**
 * @param base parameters; what it lacks is drawn for the seed
 * @param batch trials that one run takes together
 */
export async function createMatcher(
  config: ModelConfig,
  table: DiseaseTable,
  base: ReadonlyMap<string, TensorData>,
  {
    seed,
    processor,
    batch,
  }: { readonly seed: number; readonly processor: Processor; readonly batch: number },
): Promise<Matcher> {
  const { session, parameters } = compileRooms(batch, processor, (room) =>
    buildMatches(config, table, base, batch, room),
  );
  const frozen = await upload(parameters.initial(seed, base), processor);
  return {
    async match(rows) {
      const matches: Match[] = [];
      for (let first = 0; first < rows.length; first += batch) {
        const part = rows.slice(first, first + batch);
        const features = part.map((row) => row.features);
        const output = await session.run({
          ...frozen.feeds,
          ...groupFeeds(config, part, batch),
          ...moleculeFeeds(table, features, batch),
        });
        const of = (name: string) => floats(output[name]);
        const sideOf = (name: (typeof SIDES)[number], row: number) =>
          of(`${name}.side`).slice(row * config.width, (row + 1) * config.width);
        part.forEach((_, row) => {
          matches.push({
            score: of("score")[row]!,
            success: Float32Array.from(SIDES, (name) => of(`${name}.success`)[row]!),
            criteria: sideOf("criteria", row),
            molecules: sideOf("molecules", row),
          });
        });
      }
      return matches;
    },
    async release() {
      await frozen.release();
      await session.release();
    },
  };
}

const SIDES = ["criteria", "molecules"] as const;

/** The graph of both sides, with what {@link Match} holds as its outputs. */
function buildMatches(
  config: ModelConfig,
  table: DiseaseTable,
  base: ReadonlyMap<string, TensorData>,
  batch: number,
  room: Room,
): { graph: Graph; parameters: Parameters } {
  const graph = new Graph();
  const parameters = new Parameters(graph);
  const language = groupInputs(graph, config, batch);
  const inputs = moleculeInputs(graph, batch, room);
  const sides = [
    criteriaSide(parameters, config, language),
    moleculeSide(parameters, config, tableSizes(table), inputs),
  ] as const;
  const pair = matchingPair(parameters, config, ...sides);
  const none = graph.constant(new Float32Array(batch), [batch]);
  const ranks = base.has("match.success.criteria.weight");
  const success: readonly Tensor[] = ranks
    ? successScores(parameters, config, sides)
    : [none, none];
  graph.output(
    "score",
    ranks ? add(success[0]!, scale(success[1]!, MOLECULES_SAY)) : sum(multiply(...pair), [1]),
  );
  for (const [i, name] of SIDES.entries()) {
    graph.output(`${name}.side`, pair[i]!);
    graph.output(`${name}.success`, scale(success[i]!, 1)); // a constant cannot be an output itself
  }
  return { graph, parameters };
}
