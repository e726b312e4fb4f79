import { cpu } from "../../graph/index.js";
import type { Phase } from "../../trial/index.js";
import type { RankContext, RankedTrial, SuccessfulTrial } from "./ranker.js";

/** A made-up trial with the parts that a test is about. */
export function rankedTrial({
  nctId = "NCT1",
  phase = "1" as Phase,
  text = "- Adults",
  molecules = [] as string[],
  diseases = [] as string[],
  states = [] as number[],
  conditions = ["asthma"],
  drugs = ["ethanol"],
} = {}): RankedTrial {
  return {
    features: {
      nctId,
      phase,
      text,
      molecules: molecules.map((smiles) => ({ name: smiles, smiles, from: "name" })),
      vectors: [],
      diseases,
      missing: [],
    },
    states: Float32Array.from(states),
    segments: [],
    trial: {
      nctId,
      phase,
      conditions,
      icd10: [],
      interventions: drugs.map((name) => ({ type: "DRUG", name, otherNames: [] })),
      givenSmiles: [],
      eligibilityCriteria: text,
    },
  };
}

/** The same as one of the Successful Clinical Trials. */
export const successfulTrial = (
  parts: Parameters<typeof rankedTrial>[0] = {},
  known = true,
): SuccessfulTrial => ({ ...rankedTrial(parts), known });

/** A context that nobody watches. */
export const rankContext = (parts: Partial<RankContext> = {}): RankContext => ({
  seed: 1,
  processor: cpu(1),
  watcher: { report() {}, say() {}, stopping: () => false },
  successful: [],
  encoder: "",
  cache: "",
  ...parts,
});
