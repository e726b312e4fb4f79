import type { Labels } from "../base/labels.js";
import { BASELINES, type LabelledTrials } from "../baseline/index.js";
import { RANKERS } from "../baseline/zero-shot/index.js";
import {
  accuracy,
  averagePrecision,
  bestF1Threshold,
  brier,
  expectedCalibrationError,
  f1,
  figuresBySubgroup,
  interval,
  logLoss,
  rocAuc,
} from "../evaluation/index.js";
import { type Chosen, chooseTrials } from "./choose.js";
import type { Context } from "./context.js";
import { type Cell, readsStates } from "./grid.js";
import { scoreOurs } from "./ours.js";
import type { CellResult, Figures, Predictions } from "./result.js";
import { groupTrials } from "./subgroups.js";

/** What a method says of the trials that a cell scores. */
export interface Scored {
  readonly test: Float64Array;
  /** Of the validation trials, where there are any. */
  readonly valid?: Float64Array | undefined;
  readonly areProbabilities: boolean;
  /** As tables show the method. */
  readonly title: string;
  readonly notes?: CellResult["notes"];
}

/**
 * Runs one cell: fits its method on the trials that the task allows, scores the others, measures.
 * @param hashes file → SHA-256 of what it read
 * @throws InputError if the trials do not allow the task
 */
export async function runCell(
  cell: Cell,
  hashes: Readonly<Record<string, string>>,
  context: Context,
): Promise<{ result: CellResult; predictions: Predictions }> {
  const start = performance.now();
  const splits = await context.splits(cell.dataset);
  const chosen = chooseTrials(cell, splits);
  const scored = await (cell.model ? scoreOurs : scoreBaseline)(cell, chosen, context);
  const labels = chosen.test.map((row) => splits.test.labels[row]!);
  const trials = chosen.test.map((row) => splits.test.trials[row]!);
  const validLabels = chosen.valid?.map((row) => splits.valid.labels[row]!);
  const threshold = scored.valid && validLabels ? bestF1Threshold(validLabels, scored.valid) : null;
  const training = chosen.train.map((row) => splits.train.trials[row]!.features);
  const groups = groupTrials(trials, training);
  const { areProbabilities } = scored;
  const { id, configuration, task, dataset, method, settings, seed } = cell;
  return {
    result: {
      id,
      task,
      dataset,
      method,
      title: scored.title,
      ours: cell.model !== undefined,
      reference: cell.reference,
      settings,
      seed,
      configuration,
      data: hashes,
      scored: splits.test.file,
      seconds: (performance.now() - start) / 1000,
      figures: figuresOf(labels, scored, threshold, seed),
      validation:
        scored.valid && validLabels
          ? {
              prAuc: averagePrecision(validLabels, scored.valid),
              rocAuc: rocAuc(validLabels, scored.valid),
            }
          : null,
      subgroups: Object.fromEntries(
        Object.entries(groups).map(([kind, members]) => [
          kind,
          figuresBySubgroup(members, { labels, scores: scored.test, threshold, areProbabilities }),
        ]),
      ),
      ...(scored.notes && { notes: scored.notes }),
    },
    predictions: {
      trials: trials.map(({ features }) => features.nctId),
      labels,
      scores: [...scored.test],
      areProbabilities,
    },
  };
}

function figuresOf(
  labels: Labels,
  { test, areProbabilities }: Scored,
  threshold: number | null,
  seed: number,
): Figures {
  const ofProbabilities = (metric: typeof brier) =>
    areProbabilities ? metric(labels, test) : null;
  const ofDecisions = (metric: typeof f1) =>
    threshold === null ? null : metric(labels, test, threshold);
  return {
    n: labels.length,
    positives: Array.from(labels).filter((label) => label === 1).length,
    prAuc: averagePrecision(labels, test),
    rocAuc: rocAuc(labels, test),
    f1: ofDecisions(f1),
    accuracy: ofDecisions(accuracy),
    threshold,
    brier: ofProbabilities(brier),
    ece: ofProbabilities(expectedCalibrationError),
    logLoss: ofProbabilities(logLoss),
    interval: {
      prAuc: interval(labels, test, averagePrecision, { seed }),
      rocAuc: interval(labels, test, rocAuc, { seed }),
    },
  };
}

/** Runs a ranker or a baseline; that there is one of the name was checked with the configuration. */
async function scoreBaseline(cell: Cell, chosen: Chosen, context: Context): Promise<Scored> {
  const { method, seed, dataset } = cell;
  const { config, llm } = context.options;
  const options = { seed, processor: context.options, watcher: context.watcher };
  const encoded = readsStates(cell);
  const part = async (name: "train" | "valid" | "test", rows: readonly number[]) =>
    selectTrials(await context.labelled(dataset, name, encoded), rows);
  if (cell.task === "zero-shot") {
    const ranker = RANKERS.find(({ name }) => name === method)!;
    const splits = await context.splits(dataset);
    const { trials } = await part("test", chosen.test);
    const ranked = trials.map((trial, i) => ({
      ...trial,
      trial: splits.test.trials[chosen.test[i]!]!.record.trial,
    }));
    const { scores, llm: notes } = await ranker.rank(ranked, {
      ...options,
      successful: ranker.needs === "sct" ? await context.successful(encoded) : [],
      training:
        ranker.needs === "labels" ? await context.labelled(dataset, "train", encoded) : undefined,
      encoder: config.encoder,
      cache: context.folder("answers"),
      llm,
    });
    const { title, areProbabilities } = ranker;
    return { test: scores, areProbabilities, title, notes: notes && { llm: notes } };
  }
  // Our own few-shot methods read the training trials without their labels, too.
  const pool =
    cell.task === "few-shot"
      ? (await context.labelled(dataset, "train", encoded)).trials
      : undefined;
  const baseline = BASELINES.get(method)!;
  const valid = chosen.valid && (await part("valid", chosen.valid));
  const training = await part("train", chosen.train);
  const scorer = await baseline.fit(training, valid, { ...options, pool });
  return {
    test: await scorer((await part("test", chosen.test)).trials),
    valid: valid && (await scorer(valid.trials)),
    areProbabilities: baseline.areProbabilities,
    title: baseline.title,
  };
}

const selectTrials = (
  { trials, labels }: LabelledTrials,
  rows: readonly number[],
): LabelledTrials => ({
  trials: rows.map((row) => trials[row]!),
  labels: rows.map((row) => labels[row]!),
});
