import type { Yielding } from "../language/encoder.js";
import type { Trial } from "../trial/index.js";
import type {
  ConditionSuggestion,
  DrugSuggestion,
  Explanation,
  Neighbour,
  Prediction,
} from "./answer.js";

/**
 * Everything that a service or a page asks about trials. One implementation computes (in a worker thread of the
 * service, or in a worker of the browser), others pass on to it.
 */
export interface Engine {
  /** Predictions in the order of the trials. @throws the signal's reason once it is aborted */
  predict(trials: readonly Trial[], how?: Yielding): Promise<Prediction[]>;
  /** @throws the signal's reason once it is aborted */
  explain(trial: Trial, how?: Yielding): Promise<Explanation>;
  /** The past trials most like it, most similar first. @throws InputError if there is no index of them */
  similar(trial: Trial, count: number, how?: Yielding): Promise<Neighbour[]>;
  suggestDrugs(text: string, count: number): Promise<DrugSuggestion[]>;
  suggestConditions(text: string, count: number): Promise<ConditionSuggestion[]>;
  /** A drawing as SVG. @throws InputError if RDKit rejects the SMILES */
  structure(smiles: string): Promise<string>;
  release(): Promise<void>;
}
