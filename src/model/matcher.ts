import type { TensorData } from "../base/safetensors.js";
import {
  add,
  compile,
  type Feed,
  floats,
  Graph,
  multiply,
  scale,
  sum,
  type Tensor,
} from "../graph/index.js";
import { branch, moleculeTokens } from "./branch.js";
import {
  criteriaSide,
  matchingPair,
  moleculeInputs,
  moleculeSide,
  successScores,
} from "./cladmop.js";
import type { ModelConfig } from "./config.js";
import { type DiseaseTable, moleculeFeeds, type TrialFeatures, tableSizes } from "./features.js";
import { type Grouped, groupFeeds, groupInputs } from "./grouper.js";
import { Parameters } from "./parameters.js";

/** What a pre-trained base makes of a trial, before it has seen a label. */
export interface Match {
  /**
   * How much the trial looks like a success: the {@link successScores} of the criteria and, by
   * MOLECULES_SAY, of drugs and diseases; or how well the pair matches where the base was not trained to
   * rank, as in the paper.
   */
  readonly score: number;
  /** Both sides of the pair on the unit sphere, and the branch's state of both together: [d] each. */
  readonly criteria: Float32Array;
  readonly molecules: Float32Array;
  readonly fused: Float32Array;
}

/** Trials that one run takes together. */
const BATCH = 32;
/**
 * Drugs that pre-training has seen are scored with more conviction than they deserve. Chosen by the
 * labels of the training and validation splits of TOP's phases I to III (docs/results.md).
 */
const MOLECULES_SAY = 0.2;

type Sides = readonly [criteria: Tensor, molecules: Tensor];

function scoreOf(parameters: Parameters, config: ModelConfig, sides: Sides, pair: Sides): Tensor {
  if (config.pretraining.ranking === 0) return sum(multiply(...pair), [1]);
  const [criteria, molecules] = successScores(parameters, config, sides);
  return add(criteria, scale(molecules, MOLECULES_SAY));
}

/**
 * Matches trials by a base, frozen: zero-shot ranking, and embeddings for a few labels to work on.
 * @param base parameters; what it lacks is drawn for the seed
 */
export async function matchTrials(
  config: ModelConfig,
  table: DiseaseTable,
  base: ReadonlyMap<string, TensorData>,
  rows: readonly { readonly features: TrialFeatures; readonly grouped: Grouped }[],
  { seed, threads }: { readonly seed: number; readonly threads: number },
): Promise<Match[]> {
  const graph = new Graph();
  const parameters = new Parameters(graph);
  const language = groupInputs(graph, config, BATCH);
  const inputs = moleculeInputs(graph, BATCH);
  const tables = tableSizes(table);
  const sides = [
    criteriaSide(parameters, config, language),
    moleculeSide(parameters, config, tables, inputs),
  ] as const;
  const pair = matchingPair(parameters, config, ...sides);
  const tokens = moleculeTokens(parameters, config, tables, inputs);
  graph.output("score", scoreOf(parameters, config, sides, pair));
  graph.output("criteriaSide", pair[0]);
  graph.output("moleculeSide", pair[1]);
  graph.output("fused", branch(parameters, config, tokens, inputs.mask, language, false));
  const session = await compile(graph, threads);
  const values: Record<string, Feed> = Object.fromEntries(
    [...parameters.initial(seed, base)].map(([name, { data }]) => [name, data]),
  );
  const matches: Match[] = [];
  for (let first = 0; first < rows.length; first += BATCH) {
    const part = rows.slice(first, first + BATCH);
    const output = await session.run({
      ...values,
      ...groupFeeds(config, part, BATCH),
      ...moleculeFeeds(
        table,
        part.map(({ features }) => features),
        BATCH,
      ),
    });
    const vectorsOf = (name: "criteriaSide" | "moleculeSide" | "fused") => (row: number) =>
      floats(output[name]).slice(row * config.width, (row + 1) * config.width);
    const [criteria, molecules, fused] = [
      vectorsOf("criteriaSide"),
      vectorsOf("moleculeSide"),
      vectorsOf("fused"),
    ];
    part.forEach((_, row) => {
      matches.push({
        score: floats(output.score)[row]!,
        criteria: criteria(row),
        molecules: molecules(row),
        fused: fused(row),
      });
    });
  }
  await session.release();
  return matches;
}
