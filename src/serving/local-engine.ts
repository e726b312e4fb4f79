import { InputError } from "../base/error.js";
import { readConditions, SHIPPED_CONDITIONS } from "../disease/index.js";
import { loadChemistry, readVocabulary, SHIPPED_VOCABULARY } from "../drug/index.js";
import { cpu } from "../graph/index.js";
import type { Trial } from "../trial/index.js";
import { splitEligibility } from "../trial/eligibility.js";
import type { Prediction } from "./answer.js";
import type { Engine } from "./engine.js";
import { loadPredictor } from "./predictor.js";
import { createSuggestions } from "./suggest.js";

export interface LocalEngineSettings {
  /** Folder of the model. */
  readonly model: string;
  /** A drug vocabulary instead of the shipped one. */
  readonly drugs?: string | undefined;
  /** Folder of the index of past trials. */
  readonly past?: string | undefined;
  /** Processor cores. */
  readonly threads: number;
}

const unfinished = (what: string) =>
  new InputError(`${what} not built yet`, { remedy: "Wait for it" });

/**
 * The engine that computes, in the thread that calls it.
 * @throws InputError if the model, the vocabulary or the index is missing, damaged or altered
 */
export async function openEngine({
  model,
  drugs = SHIPPED_VOCABULARY,
  threads,
}: LocalEngineSettings): Promise<Engine> {
  const predictor = await loadPredictor(model, { ...cpu(threads), drugs });
  const suggestions = createSuggestions(readVocabulary(drugs), readConditions(SHIPPED_CONDITIONS));
  const chemistry = await loadChemistry();
  const full = (
    trial: Trial,
    one: {
      probability: number;
      interval: readonly [number, number];
      molecules: readonly { name: string; smiles: string }[];
      missing: readonly string[];
    },
  ): Prediction => {
    const { inclusion, exclusion } = splitEligibility(trial.eligibilityCriteria);
    const molecules = one.molecules.map((m) => ({ ...m }));
    return {
      nctId: trial.nctId,
      phase: trial.phase,
      probability: one.probability,
      interval: [...one.interval],
      baseRate: null,
      molecules,
      missing: [...one.missing],
      reading: {
        molecules,
        unresolvedDrugs: [],
        ignoredInterventions: [],
        diseases: [],
        unresolvedConditions: [],
        inclusion: [...inclusion],
        exclusion: [...exclusion],
        tokens: 0,
      },
      usedIn: null,
    };
  };
  return {
    async predict(trials) {
      const found = await predictor.predict(trials, { reasons: false });
      return found.map((one, i) => full(trials[i]!, one));
    },
    async explain(trial) {
      const [one] = await predictor.predict([trial], { reasons: true });
      return {
        prediction: full(trial, one!),
        attributions: one!.reasons.map(({ text, effect }) => ({ kind: "inclusion", text, effect })),
      };
    },
    similar: () => Promise.reject(unfinished("similar trials are")),
    suggestDrugs: async (text, count) => suggestions.drugs(text, count),
    suggestConditions: async (text, count) => suggestions.conditions(text, count),
    structure: async (smiles) => chemistry.drawing(smiles),
    release: () => predictor.release(),
  };
}
