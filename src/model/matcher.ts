import type { TensorData } from "../base/safetensors.js";
import {
  add,
  floats,
  Graph,
  multiply,
  type Processor,
  type Results,
  scale,
  sum,
  type Tensor,
} from "../graph/index.js";
import { criteriaSide, matchingPair, moleculeSide, successScores } from "./cladmop.js";
import type { ModelConfig } from "./config.js";
import { type DiseaseTable, type TrialFeatures, tableSizes } from "./features.js";
import { type Grouped, groupFeeds, groupInputs } from "./grouper.js";
import {
  compileRooms,
  type MoleculeInputs,
  moleculeFeeds,
  moleculeInputs,
  type Room,
  roomsOf,
} from "./molecule-inputs.js";
import { FrozenParameters, Parameters } from "./parameters.js";

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
  const build = (parameters: Parameters, room: Room) => {
    const { graph } = parameters;
    const language = groupInputs(graph, config, batch);
    const inputs = moleculeInputs(graph, batch, room);
    outputMatches(parameters, config, table, language, inputs, ranks(base));
    return { graph, parameters };
  };
  const asked = new Parameters(new Graph());
  build(asked, roomsOf(batch)[0]!);
  const values = asked.initial(seed, base);
  const { session } = compileRooms(batch, processor, (room) =>
    build(new FrozenParameters(new Graph(), values), room),
  );
  return {
    async match(rows) {
      const matches: Match[] = [];
      for (let first = 0; first < rows.length; first += batch) {
        const part = rows.slice(first, first + batch);
        const features = part.map((row) => row.features);
        const output = await session.run({
          ...groupFeeds(config, part, batch),
          ...moleculeFeeds(table, features, batch),
        });
        matches.push(...matchesOf(config, output, part.length));
      }
      return matches;
    },
    release: () => session.release(),
  };
}

const SIDES = ["criteria", "molecules"] as const;

/** Whether a base was trained to rank success. */
export const ranks = (base: ReadonlyMap<string, TensorData>): boolean =>
  base.has("match.success.criteria.weight");

/** Declares what {@link matchesOf} reads as outputs of the graph. @param ranked see {@link ranks} */
export function outputMatches(
  parameters: Parameters,
  config: ModelConfig,
  table: DiseaseTable,
  language: readonly Tensor[],
  inputs: MoleculeInputs,
  ranked: boolean,
): void {
  const { graph } = parameters;
  const { batch } = inputs.places;
  const sides = [
    criteriaSide(parameters, config, language),
    moleculeSide(parameters, config, tableSizes(table), inputs),
  ] as const;
  const pair = matchingPair(parameters, config, ...sides);
  const none = graph.constant(new Float32Array(batch), [batch]);
  const success: readonly Tensor[] = ranked
    ? successScores(parameters, config, sides)
    : [none, none];
  graph.output(
    "score",
    ranked ? add(success[0]!, scale(success[1]!, MOLECULES_SAY)) : sum(multiply(...pair), [1]),
  );
  for (const [i, name] of SIDES.entries()) {
    graph.output(`${name}.side`, pair[i]!);
    graph.output(`${name}.success`, scale(success[i]!, 1)); // a constant cannot be an output itself
  }
}

/** What a run of a graph with {@link outputMatches} says of its first `count` rows. */
export function matchesOf({ width }: ModelConfig, output: Results, count: number): Match[] {
  const of = (name: string) => floats(output[name]);
  const sideOf = (name: (typeof SIDES)[number], row: number) =>
    of(`${name}.side`).slice(row * width, (row + 1) * width);
  return Array.from({ length: count }, (_, row) => ({
    score: of("score")[row]!,
    success: Float32Array.from(SIDES, (name) => of(`${name}.success`)[row]!),
    criteria: sideOf("criteria", row),
    molecules: sideOf("molecules", row),
  }));
}
