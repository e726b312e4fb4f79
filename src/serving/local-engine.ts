import { readConditions, SHIPPED_CONDITIONS } from "../disease/index.js";
import { loadChemistry, readVocabulary, SHIPPED_VOCABULARY } from "../drug/index.js";
import { cpu } from "../graph/index.js";
import type { Engine } from "./engine.js";
import { noPast, openPast } from "./past.js";
import { loadPredictor, type Predictor } from "./predictor.js";
import { createSuggestions } from "./suggest.js";

export interface EngineSettings {
  /** Folder of the model. */
  readonly model: string;
  /** A drug vocabulary instead of the shipped one. */
  readonly drugs?: string | undefined;
  /** Folder of the index of past trials. */
  readonly past?: string | undefined;
  /** Processor cores. */
  readonly threads: number;
}

/** The engine that computes. */
export interface LocalEngine extends Engine {
  /** As {@link Predictor.warmUp}. */
  warmUp(report?: (share: number) => void): Promise<void>;
}

/**
 * The engine that computes, in the thread that calls it.
 * @throws InputError if the model, the vocabulary or the index is missing, damaged or altered
 */
export async function openEngine({
  model,
  drugs = SHIPPED_VOCABULARY,
  past: index,
  threads,
}: EngineSettings): Promise<LocalEngine> {
  const predictor = await loadPredictor(model, { ...cpu(threads), drugs });
  const past = index === undefined ? undefined : openPast(index, predictor.card);
  const suggestions = createSuggestions(readVocabulary(drugs), readConditions(SHIPPED_CONDITIONS));
  return {
    // RDKit may have failed on the molecule before: each waits until it is loaded anew.
    async predict(trials, how) {
      await loadChemistry();
      return predictor.predict(trials, how);
    },
    async explain(trial, how) {
      await loadChemistry();
      return predictor.explain(trial, how);
    },
    async similar(trial, count, how) {
      if (!past) throw noPast();
      await loadChemistry();
      const [vector] = await predictor.embed([trial], how);
      return past.similar(vector!, count, trial.nctId);
    },
    suggestDrugs: async (text, count) => suggestions.drugs(text, count),
    suggestConditions: async (text, count) => suggestions.conditions(text, count),
    structure: async (smiles) => (await loadChemistry()).drawing(smiles),
    warmUp: (report) => predictor.warmUp(report),
    async release() {
      past?.close();
      await predictor.release();
    },
  };
}
