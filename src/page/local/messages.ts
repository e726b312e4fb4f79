import type { Explanation, ModelInfo, Neighbour, Prediction } from "../../serving/answer.js";
import type { Engine } from "../../serving/engine.js";
import type { Draft, DraftInput } from "../../trial/draft.js";
import type { LoadProgress } from "../api.js";
import type { FieldProblem } from "../problem.js";
import type { Source } from "./model-files.js";

// What the page and its worker say to each other.

/** What the worker can be asked. */
export interface Methods extends Pick<Engine, "suggestDrugs" | "suggestConditions" | "structure"> {
  /** Comes first. What is returned describes the server's models, the first of which is loaded. */
  load(source: Source): Promise<ModelInfo[]>;
  predict(trial: DraftInput): Promise<Prediction>;
  /** @param signal the worker's own */
  explain(trial: DraftInput, signal?: AbortSignal): Promise<Explanation>;
  similar(trial: DraftInput, count: number): Promise<Neighbour[]>;
  draftOf(study: unknown): Promise<Draft>;
}
export type Method = keyof Methods;

/** A method to call, or that the call of this number is given up. */
export type Ask =
  | { readonly id: number; readonly method: Method; readonly args: readonly unknown[] }
  | { readonly id: number; readonly method?: undefined };

export type Told =
  | { readonly kind: "progress"; readonly progress: LoadProgress }
  | { readonly kind: "answer"; readonly id: number; readonly value: unknown }
  | { readonly kind: "refusal"; readonly id: number; readonly failure: Failure };

/** What is left of a `Problem` on its way to the page. */
export interface Failure {
  readonly message: string;
  readonly status: number;
  readonly fields: readonly FieldProblem[];
}
