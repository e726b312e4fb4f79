import type { HistoryEntry, HistoryRow, Performance } from "../history/answer.js";
import type {
  ConditionSuggestion,
  DrugSuggestion,
  Explanation,
  FoundTrial,
  ModelInfo,
  Neighbour,
  Prediction,
} from "../serving/answer.js";
import type { Draft, DraftInput } from "../trial/draft.js";

/** What the server says of itself before anything is asked. */
export interface Settings {
  readonly version: string;
  readonly authentication: boolean;
  readonly history: boolean;
  readonly past: boolean;
  /** Whether it looks trials up at ClinicalTrials.gov. */
  readonly online: boolean;
  /** What the token that was sent allows; null: there is none, or it is not valid. */
  readonly scopes: readonly ("read" | "write")[] | null;
}

export interface Answer {
  /** Under which the history has it; null if it was not kept. */
  readonly id: string | null;
  readonly createdAt: string;
  readonly model: { readonly name: string; readonly sha256: string };
  readonly prediction: Prediction;
}

/**
 * All that the page asks. Over HTTP, or from a worker of this browser: then what is optional is missing, because it
 * would send something typed elsewhere, or needs a database. What fails throws `Problem`; what the signal gives up,
 * an `AbortError`.
 */
export interface Api {
  readonly runsIn: "server" | "browser";
  /** Why nothing that is predicted is kept, in a sentence; undefined where it is. */
  readonly unkept: string | undefined;
  predict(trial: DraftInput, options: { keep: boolean; signal?: AbortSignal }): Promise<Answer>;
  explain(trial: DraftInput, signal?: AbortSignal): Promise<Explanation>;
  /** Missing where the server has no index of past trials. @throws Problem if the model in the browser has none */
  similar?(trial: DraftInput, count: number, signal?: AbortSignal): Promise<Neighbour[]>;
  /** The draft of a record: a study of ClinicalTrials.gov's API v2. */
  draftOf(study: unknown, signal?: AbortSignal): Promise<Draft>;
  suggestDrugs(text: string, count: number, signal?: AbortSignal): Promise<DrugSuggestion[]>;
  suggestConditions(
    text: string,
    count: number,
    signal?: AbortSignal,
  ): Promise<ConditionSuggestion[]>;
  /** A drawing as SVG. */
  structure(smiles: string, signal?: AbortSignal): Promise<string>;
  models(signal?: AbortSignal): Promise<ModelInfo[]>;
  lookUp?(nctId: string, signal?: AbortSignal): Promise<FoundTrial>;
  readonly history?: HistoryApi;
  release(): Promise<void>;
}

export interface HistoryApi {
  search(filter: HistoryFilter, signal?: AbortSignal): Promise<HistoryPage>;
  get(id: string, signal?: AbortSignal): Promise<HistoryEntry>;
  /** Whether the reader may add outcomes and delete. */
  readonly mayChange: boolean;
  setLabel(id: string, label: 0 | 1 | null, note: string): Promise<void>;
  remove(id: string): Promise<void>;
  performance(signal?: AbortSignal): Promise<Performance>;
}

export interface HistoryFilter {
  readonly q?: string;
  readonly phase?: string;
  readonly label?: string;
  readonly since?: string;
  readonly cursor?: string;
}

export interface HistoryPage {
  readonly predictions: readonly HistoryRow[];
  readonly next: string | null;
}

/** How far the model of the browser mode is loaded. */
export interface LoadProgress {
  readonly what: string;
  readonly bytes: number;
  readonly total: number;
}
