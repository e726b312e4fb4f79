import type { LlmReport } from "../baseline/zero-shot/index.js";
import type { Interval, SubgroupFigures } from "../evaluation/index.js";

/** What is asked of a method. */
export const TASKS = ["zero-shot", "few-shot", "supervised", "new-disease", "ablation"] as const;
export type Task = (typeof TASKS)[number];

/** Settings of a cell beside its method, such as `{ shots: 4 }` or `{ ablation: "S = 0" }`. */
export type Settings = Readonly<Record<string, string | number | boolean>>;

/** Figures of merit of one cell on the trials it was scored on. */
export interface Figures {
  readonly n: number;
  readonly positives: number;
  readonly prAuc: number;
  readonly rocAuc: number;
  /** Of decisions at `threshold`, which comes from validation; null where there is none. */
  readonly f1: number | null;
  readonly accuracy: number | null;
  readonly threshold: number | null;
  /** Of probabilities; null for a method that only ranks. */
  readonly brier: number | null;
  readonly ece: number | null;
  readonly logLoss: number | null;
  /** 95 % bootstrap intervals, 1,000 resamples. */
  readonly interval: { readonly prAuc: Interval; readonly rocAuc: Interval };
}

/** One line of `results.ndjson`: a method with its settings and one seed, on one data set. */
export interface CellResult {
  /** Names the cell in `predictions/<id>.json`. */
  readonly id: string;
  readonly task: Task;
  /** Name of the data set in the configuration, such as "phase-1". */
  readonly dataset: string;
  /** As the configuration spells it, such as "tf-idf-words", and as tables show it. */
  readonly method: string;
  readonly title: string;
  /** Whether it is one of our own methods, and whether the others are compared with it in its task. */
  readonly ours: boolean;
  readonly reference: boolean;
  readonly settings: Settings;
  /** Of few-shot cells it numbers the draw of the trials. */
  readonly seed: number;
  /** SHA-256 of everything that decides the result; `id` is its beginning. */
  readonly configuration: string;
  /** File name → SHA-256 of what was read. */
  readonly data: Readonly<Record<string, string>>;
  /** Name of the file whose trials were scored. */
  readonly scored: string;
  readonly seconds: number;
  readonly figures: Figures;
  /** On the validation trials; null where there are none or they are not scored. */
  readonly validation: { readonly prAuc: number; readonly rocAuc: number } | null;
  /** By kind ("chapter", "phase", "year", "healthy volunteers", "disease", "drug"), then by group. */
  readonly subgroups: Readonly<Record<string, Readonly<Record<string, SubgroupFigures>>>>;
  /** What else the method tells: what a prompted language model was asked, answered and cost. */
  readonly notes?: { readonly llm: LlmReport } | undefined;
}

/** `predictions/<id>.json`: what a cell said of each scored trial, in the file's order. */
export interface Predictions {
  readonly trials: readonly string[];
  readonly labels: readonly (0 | 1)[];
  /** P(success), or scores of a method that only ranks. */
  readonly scores: readonly number[];
  readonly areProbabilities: boolean;
}

/** One line of `failures.ndjson`. */
export interface CellFailure {
  readonly id: string;
  readonly task: Task;
  readonly dataset: string;
  readonly method: string;
  readonly settings: Settings;
  readonly seed: number;
  /** One line that says what happened. */
  readonly message: string;
  /** File with the whole story, relative to the folder of the results. */
  readonly log: string;
}
