import { groupBy } from "../base/group.js";
import { recordOf } from "../base/record.js";
import { type CellResult, type Settings, TASKS, type Task } from "../benchmark/result.js";
import type { Interval } from "../evaluation/index.js";
import { cellKey, settingsKey } from "./read-results.js";

/** Mean and sample standard deviation of a figure over seeds. */
export interface Spread {
  readonly mean: number;
  /** With n − 1 in the denominator; null of a single seed. */
  readonly deviation: number | null;
  /** Number of seeds that have the figure. */
  readonly count: number;
}

export const FIGURES = ["prAuc", "rocAuc", "f1", "accuracy", "brier", "ece", "logLoss"] as const;
export type Figure = (typeof FIGURES)[number];

export const SUBGROUP_FIGURES = ["prAuc", "rocAuc", "accuracy", "brier"] as const;
export type SubgroupFigure = (typeof SUBGROUP_FIGURES)[number];

/** How many trials were scored and how many of them were successful: means over seeds. */
interface Scored {
  readonly n: number;
  readonly positives: number;
}

export type SubgroupRow = Scored & Readonly<Record<SubgroupFigure, Spread | null>>;

/** The cells that differ in their seed only, as one row of a table. */
export interface Row extends Scored {
  readonly dataset: string;
  readonly task: Task;
  readonly method: string;
  readonly title: string;
  /** As in {@link CellResult}. */
  readonly ours: boolean;
  readonly reference: boolean;
  readonly settings: Settings;
  /** Scored trials that a prompted language model gave no answer for: the mean over seeds. */
  readonly unanswered: number;
  /** By ascending seed; empty of a row that was not run but computed. */
  readonly cells: readonly CellResult[];
  /** Null where no cell has the figure. */
  readonly figures: Readonly<Record<Figure, Spread | null>>;
  readonly validation: Readonly<Record<"prAuc" | "rocAuc", Spread | null>>;
  /** 95 % bootstrap intervals over trials: the means of the seeds' bounds. Null without cells. */
  readonly interval: Readonly<Record<"prAuc" | "rocAuc", Interval>> | null;
  /** By kind, then by group, as in {@link CellResult}. */
  readonly subgroups: Readonly<Record<string, Readonly<Record<string, SubgroupRow>>>>;
}

/**
 * One row for each data set, task, method and settings, ordered by data set, task, settings and
 * method, numbers in names by their value.
 */
export function aggregate(cells: readonly CellResult[]): Row[] {
  const groups = groupBy(cells, cellKey);
  return [...groups.values()].map(rowOf).sort(compareRows);
}

/** Mean and standard deviation of the values that are not null; null where all are. */
export function spread(values: readonly (number | null)[]): Spread | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  const mean = meanOf(known);
  const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = known.length > 1 ? Math.sqrt(squares / (known.length - 1)) : null;
  return { mean, deviation, count: known.length };
}

/** Tasks in the order in which reports tell of them. */
export const TOLD: readonly Task[] = [
  "supervised",
  "zero-shot",
  "few-shot",
  "new-disease",
  "ablation",
];

/** What all methods of a data set and task have in common; an ablation is its method's title. */
export function sharedSettings({ ablation: _, ...shared }: Settings): Settings {
  return shared;
}

export type Contest = Pick<Row, "dataset" | "task" | "settings">;

/** The same text for rows that stand in one table and are compared with each other. */
export function contestKey({ dataset, task, settings }: Contest): string {
  return JSON.stringify([dataset, task, settingsKey(sharedSettings(settings))]);
}

/** Shared settings as text, such as "shots 4". */
export function settingsText(settings: Settings): string {
  return Object.entries(sharedSettings(settings))
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}

/** Data set, task and shared settings as text, such as "phase-1, few-shot, shots 4". */
export function contestText({ dataset, task, settings }: Contest): string {
  return [dataset, task, settingsText(settings)].filter(Boolean).join(", ");
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function rowOf(unordered: readonly CellResult[]): Row {
  const cells = unordered.toSorted((a, b) => a.seed - b.seed);
  const { dataset, task, method, title, ours, reference, settings } = cells[0]!;
  const intervalOf = (metric: "prAuc" | "rocAuc"): Interval => [
    meanOf(cells.map(({ figures }) => figures.interval[metric][0])),
    meanOf(cells.map(({ figures }) => figures.interval[metric][1])),
  ];
  return {
    dataset,
    task,
    method,
    title,
    ours,
    reference,
    settings,
    cells,
    unanswered: meanOf(cells.map(({ notes }) => notes?.llm.unanswered.length ?? 0)),
    ...scored(cells.map(({ figures }) => figures)),
    figures: recordOf(FIGURES, (name) => spread(cells.map(({ figures }) => figures[name]))),
    validation: recordOf(["prAuc", "rocAuc"], (name) =>
      spread(cells.map(({ validation }) => validation?.[name] ?? null)),
    ),
    interval: recordOf(["prAuc", "rocAuc"], intervalOf),
    subgroups: recordOf(namesIn(cells.map(({ subgroups }) => subgroups)), (kind) => {
      const groups = cells.map(({ subgroups }) => subgroups[kind] ?? {});
      return recordOf(namesIn(groups), (name) =>
        subgroupRow(groups.flatMap((of) => of[name] ?? [])),
      );
    }),
  };
}

type SubgroupCell = CellResult["subgroups"][string][string];

function subgroupRow(cells: readonly SubgroupCell[]): SubgroupRow {
  const figures = recordOf(SUBGROUP_FIGURES, (name) => spread(cells.map((cell) => cell[name])));
  return { ...scored(cells), ...figures };
}

function scored(cells: readonly Scored[]): Scored {
  return {
    n: meanOf(cells.map(({ n }) => n)),
    positives: meanOf(cells.map(({ positives }) => positives)),
  };
}

/** Every name that one of the records has, in the order of first appearance. */
function namesIn(records: readonly object[]): string[] {
  return [...new Set(records.flatMap(Object.keys))];
}

function compareRows(a: Row, b: Row): number {
  return (
    inOrder(a.dataset, b.dataset) ||
    TASKS.indexOf(a.task) - TASKS.indexOf(b.task) ||
    inOrder(settingsText(a.settings), settingsText(b.settings)) ||
    inOrder(a.method, b.method)
  );
}

const { compare: inOrder } = new Intl.Collator("en", { numeric: true });
