import { sha256 } from "../base/file.js";
import { BASELINES } from "../baseline/index.js";
import {
  completionsUrl,
  type LlmOptions,
  RANKERS,
  type Ranker,
} from "../baseline/zero-shot/index.js";
import type { BenchmarkConfig, Experiment } from "./config.js";
import type { Settings, Task } from "./result.js";
import { type BaseSpec, baseOf, configOf, titleOf, type Variant } from "./variant.js";

/** A base to be made, before the cells that stand on it. */
export interface Base {
  /** Beginning of the SHA-256 of everything that decides it. */
  readonly id: string;
  readonly spec: BaseSpec;
}

/** One method with its settings and one seed on one data set. */
export interface Cell {
  readonly id: string;
  /** SHA-256 of everything that decides the result. */
  readonly configuration: string;
  readonly task: Task;
  readonly dataset: string;
  readonly method: string;
  readonly settings: Settings;
  readonly seed: number;
  /** Whether the others of its task are compared with it: the task's first method. */
  readonly reference: boolean;
  /** Of one of our own methods. */
  readonly model?: { readonly variant: Variant; readonly base: Base };
}

/** Files in the order of their roles, such as training, validation, test. */
export interface FileHashes {
  /** File → SHA-256. */
  readonly files: Readonly<Record<string, string>>;
  /** How many of the files have each role. */
  readonly roles: readonly number[];
}

/** SHA-256 of what all cells read, by what it is. */
export interface Hashes {
  /** Encoder, vocabularies. */
  readonly shared: Readonly<Record<string, string>>;
  /** Files of pre-training; the data sets, which it excludes, are not among them. */
  readonly pretraining: FileHashes;
  /** By name. */
  readonly datasets: Readonly<Record<string, FileHashes>>;
}

const rankerOf = ({ task, method }: Pick<Cell, "task" | "method">): Ranker | undefined =>
  task === "zero-shot" ? RANKERS.find(({ name }) => name === method) : undefined;

/** What the ranker of a cell needs, if it has one. */
export const rankerNeeds = (cell: Pick<Cell, "task" | "method">): Ranker["needs"] =>
  rankerOf(cell)?.needs;

/** Whether the cell reads hidden states of the default preset; of our own methods it is the shallow level. */
export const readsStates = (cell: Pick<Cell, "task" | "method" | "model">): boolean =>
  cell.model !== undefined || (rankerOf(cell) ?? BASELINES.get(cell.method)!).readsStates;

/** Whether the cell's result depends on the successful trials. */
export const needsSct = (cell: Pick<Cell, "task" | "method" | "model">): boolean =>
  cell.model?.variant.pretrained ?? rankerNeeds(cell) === "sct";

/** Whether the cell's scores are those of a prompted language model. */
export const asksLlm = (cell: Pick<Cell, "task" | "method" | "model">): boolean =>
  !cell.model && rankerNeeds(cell) === "llm";

/**
 * All cells of a configuration in its order, each with the base that it needs.
 * @param chaptersOf ICD-10 chapters of a data set that new-disease cells leave out by default
 * @param llm the endpoint that cells of the method llm ask
 * @throws InputError if such a cell is there and the endpoint's address is none
 */
export function gridOf(
  config: BenchmarkConfig,
  hashes: Hashes,
  chaptersOf: (dataset: string) => readonly string[],
  llm?: LlmOptions,
): Cell[] {
  const cells = new Map<string, Cell>();
  const references = new Map<Task, string>();
  for (const { task, methods } of config.experiments)
    references.set(task, references.get(task) ?? methods[0]!);
  for (const experiment of config.experiments)
    for (const dataset of experiment.datasets ?? Object.keys(config.datasets))
      for (const method of experiment.methods)
        for (const settings of settingsOf(experiment, titleOf(config.models[method], method), () =>
          chaptersOf(dataset),
        ))
          for (const seed of experiment.seeds ?? config.seeds) {
            const { task } = experiment;
            const what = { task, dataset, method, settings, seed };
            const cell = cellOf(what, config.models[method], hashes, llm);
            cells.set(cell.id, { ...cell, reference: method === references.get(task) });
          }
  return [...cells.values()];
}

function cellOf(
  what: Pick<Cell, "task" | "dataset" | "method" | "settings" | "seed">,
  variant: Variant | undefined,
  { shared, pretraining, datasets }: Hashes,
  llm: LlmOptions | undefined,
): Omit<Cell, "reference"> {
  let model: Cell["model"];
  if (variant) {
    const spec = baseOf(variant, what.seed);
    const { shallow: _, finetuning: __, pretraining: training, ...architecture } = spec.config;
    const decides = [
      { preset: spec.preset, seed: spec.seed, architecture },
      shared,
      datasets, // a base keeps the grouped tokens of every labelled trial
      spec.pretrained && { training, share: spec.sct, pretraining },
    ];
    model = { variant, base: { id: sha256(JSON.stringify(decides)).slice(0, 12), spec } };
  }
  const needs = variant ? undefined : rankerNeeds(what);
  const { ablation: _, ...settings } = what.settings; // a title, too
  const { title: __, ...fitted } = variant ?? {};
  const decides = [
    { ...what, settings },
    shared,
    datasets[what.dataset],
    needs === "sct" && [pretraining, datasets],
    model && {
      variant: fitted,
      config: configOf(model.variant, model.base.spec),
      base: model.base.id,
    },
    ...(needs === "llm" && llm ? [[completionsUrl(llm.url), llm.model]] : []),
  ];
  const configuration = sha256(JSON.stringify(decides));
  return { ...what, id: configuration.slice(0, 12), configuration, ...(model && { model }) };
}

/** What is varied beside method and seed. */
function settingsOf(
  { task, shots, chapters }: Experiment,
  title: string,
  defaultChapters: () => readonly string[],
): Settings[] {
  switch (task) {
    case "few-shot":
      return shots!.map((count) => ({ shots: count }));
    case "new-disease":
      return (chapters ?? defaultChapters()).map((chapter) => ({ chapter }));
    case "ablation":
      return [{ ablation: title }];
    default:
      return [{}];
  }
}

/** In a few words, for progress, logs and errors. */
export function nameOf({
  task,
  dataset,
  method,
  settings,
  seed,
}: Pick<Cell, "task" | "dataset" | "method" | "settings" | "seed">): string {
  const more = Object.entries(settings)
    .filter(([key]) => key !== "ablation")
    .map(([key, value]) => `${key} ${value}, `);
  return `${task} on ${dataset}: ${method}, ${more.join("")}seed ${seed}`;
}
