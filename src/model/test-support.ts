import { toFloat16 } from "../base/float16.js";
import { Random } from "../base/random.js";
import {
  compile,
  cpu,
  type Feed,
  floats,
  type Graph,
  sizeOf,
  type Tensor,
} from "../graph/index.js";
import type { HiddenStates } from "../language/index.js";
import { type ModelConfig, PRESETS } from "./config.js";
import { type DiseaseTable, MOLECULE_WIDTH, type TrialFeatures } from "./features.js";
import type { Parameters } from "./parameters.js";

/** The default model at a size for tests. */
export const TINY: ModelConfig = {
  ...PRESETS.default,
  levels: PRESETS.default.levels.slice(0, 2),
  tokens: 6,
  width: 16,
  heads: 2,
  centroids: [6, 3],
  lora: { rank: 2, alpha: 4 },
};

/** Width of the made-up hidden states. */
export const DEPTH = 8;

/** Token of a made-up disease, below two chapters. */
const diseaseTokens = (kind: number) => [`chapter ${kind % 2}`, `disease ${kind}`];
const KINDS = 24;
export const TABLE: DiseaseTable = new Map(
  [...new Set(Array.from({ length: KINDS }, (_, kind) => diseaseTokens(kind)).flat())].map(
    (token, i) => [token, i + 1],
  ),
);

/**
 * A made-up trial: drug, disease and the direction of its criteria are those of its kind. Criteria of one
 * that is known to be successful have another direction besides.
 */
export function madeUpTrial(kind: number, ...key: (string | number)[]) {
  const random = new Random("trial", kind, ...key);
  const drug = new Random("drug", kind);
  const vector = Float32Array.from({ length: MOLECULE_WIDTH }, () => +(drug.uniform() < 0.05));
  const features: TrialFeatures = {
    nctId: `NCT${kind}`,
    phase: "1",
    text: `kind ${kind}`,
    molecules: [{ name: `drug ${kind}`, smiles: `C${kind}`, from: "name" }],
    vectors: [vector],
    diseases: diseaseTokens(kind),
    missing: [],
  };
  const known = new Random("known", kind, ...key).uniform() < 0.5;
  const success = new Random("success").normals(DEPTH, known ? 1 : 0);
  const direction = new Random("criteria", kind).normals(DEPTH, 1).map((x, i) => x + success[i]!);
  const tokens = 2 + random.integer(TINY.tokens - 1);
  const levels = TINY.levels.map(() => {
    const states = random.normals(tokens * DEPTH, 0.5);
    return toFloat16(states.map((noise, i) => noise + direction[i % DEPTH]!));
  });
  const states: HiddenStates = { tokens, width: DEPTH, levels };
  return { kind, known, features, states };
}

/** Trials of different kinds. */
export const madeUpBatch = (size: number, ...key: (string | number)[]) =>
  [...new Random("batch", ...key).permutation(KINDS).subarray(0, size)].map((kind) =>
    madeUpTrial(kind, ...key),
  );

/** Every parameter at random, also those that start at zero, which would hide what they do. */
export const drawn = (parameters: Parameters, seed = 1): Record<string, Float32Array> =>
  Object.fromEntries(
    [...parameters.tensors].map(([name, { shape }]) => [
      name,
      new Random(seed, name).normals(sizeOf(shape), 0.3),
    ]),
  );

/** Compiles a graph with outputs into a function of its feeds. */
export async function runner<Name extends string>(
  graph: Graph,
  outputs: Readonly<Record<Name, Tensor>>,
): Promise<(feeds: Readonly<Record<string, Feed>>) => Promise<Record<Name, Float32Array>>> {
  const names = Object.keys(outputs) as Name[];
  for (const name of names) graph.output(name, outputs[name]);
  const session = await compile(graph, cpu(1));
  return async (feeds) => {
    const results = await session.run(feeds);
    return Object.fromEntries(names.map((name) => [name, floats(results[name])])) as Record<
      Name,
      Float32Array
    >;
  };
}

/** The largest difference between two lists of numbers of one length. */
export const worst = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  a.length === b.length
    ? Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)))
    : Number.POSITIVE_INFINITY;
