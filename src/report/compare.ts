import { InputError } from "../base/error.js";
import { groupBy } from "../base/group.js";
import { Interrupted, type Watcher } from "../base/watcher.js";
import {
  averagePrecision,
  delongTest,
  holm,
  type Interval,
  type Labels,
  pairedBootstrap,
  rocAuc,
  type Scores,
} from "../evaluation/index.js";
import {
  aggregate,
  type Contest,
  contestKey,
  contestText,
  type Row,
  sharedSettings,
} from "./aggregate.js";
import { checkSameTrials, ScoreReader } from "./mean-scores.js";
import { type Results, readResults } from "./read-results.js";

/** How configurations name the method that this project is about. */
export const OURS = "cladmop";

/** Two methods' figure on the same trials. */
export interface Test {
  readonly first: number;
  readonly second: number;
  /** The first's minus the second's, with its 95 % interval. */
  readonly difference: number;
  readonly interval: Interval;
  /** Two-sided. */
  readonly p: number;
}

/** DeLong's test of ROC-AUC and the paired bootstrap of PR-AUC. */
export interface Tests<T extends Test = Test> {
  readonly rocAuc: T & { readonly standardError: number };
  readonly prAuc: T;
}

/** P-value after Holm's correction over the family of all comparisons made together. */
export interface FamilyTest extends Test {
  readonly adjusted: number;
}

/** Two methods on one data set and task with the same settings. */
export interface Comparison extends Contest {
  readonly first: Row;
  readonly second: Row;
  /** Of the scores averaged over each method's seeds. */
  readonly mean: Tests<FamilyTest>;
  /** Of the seeds that both have. Not in the family: they say how stable the difference is. */
  readonly bySeed: readonly (Tests & { readonly seed: number })[];
}

export interface CompareOptions {
  /** Folder of the results. */
  readonly folder: string;
  /** As the configuration spells them. */
  readonly first: string;
  readonly second: string;
}

/** Resamples of a bootstrap whose p-value is not small. */
const RESAMPLES = 1000;

/**
 * Tests two methods on every data set, task and settings that both were run with: on the scores
 * averaged over seeds, as one family, and seed by seed.
 * @throws InputError if the methods never met, or see {@link readResults} and {@link readPredictions}
 */
export function compareMethods(
  { folder, first, second }: CompareOptions,
  watcher?: Watcher,
): Comparison[] {
  const results = readResults(folder);
  const rows = aggregate(results.cells);
  const pairs = pairsOf(rows, (a, b) => a.method === first && b.method === second);
  if (pairs.length === 0) throw neverMet(results, first, second);
  const reader = new ScoreReader(folder);
  return compareAll(pairs, reader, watcher).map((comparison) => ({
    ...comparison,
    bySeed: bySeed(comparison, reader),
  }));
}

/**
 * Tests our method against every other on every data set, task and settings, as one family. Trials
 * with fewer than two of either outcome cannot be tested and are left out.
 * @throws InputError see {@link readPredictions}
 */
export function compareWithOurs(
  rows: readonly Row[],
  reader: ScoreReader,
  watcher?: Watcher,
): Comparison[] {
  const pairs = pairsOf(rows, (a, b) => a.method === OURS && b.method !== OURS);
  return compareAll(pairs, reader, watcher).map((comparison) => ({ ...comparison, bySeed: [] }));
}

type Pair = readonly [first: Row, second: Row];

function pairsOf(rows: readonly Row[], fits: (first: Row, second: Row) => boolean): Pair[] {
  return [...groupBy(rows, contestKey).values()].flatMap((contest) =>
    contest
      .filter(({ n, positives }) => Math.min(positives, n - positives) >= 2)
      .flatMap((a) => contest.filter((b) => fits(a, b)).map((b): Pair => [a, b])),
  );
}

function compareAll(
  pairs: readonly Pair[],
  reader: ScoreReader,
  watcher?: Watcher,
): Omit<Comparison, "bySeed">[] {
  const family = pairs.map(([first, second], done) => {
    watcher?.report({ stage: "tests", done, total: pairs.length, detail: second.title });
    if (watcher?.stopping()) throw new Interrupted(reader.folder, "by the same command");
    const [a, b] = [reader.mean(first), reader.mean(second)];
    checkSameTrials(a, b, [first.cells[0]!, second.cells[0]!]);
    return testBoth(a.labels, a.scores, b.scores, 2 * pairs.length);
  });
  const adjusted = holm(family.flatMap(({ rocAuc, prAuc }) => [rocAuc.p, prAuc.p]));
  return pairs.map(([first, second], i) => ({
    dataset: first.dataset,
    task: first.task,
    settings: sharedSettings(first.settings),
    first,
    second,
    mean: {
      rocAuc: { ...family[i]!.rocAuc, adjusted: adjusted[2 * i]! },
      prAuc: { ...family[i]!.prAuc, adjusted: adjusted[2 * i + 1]! },
    },
  }));
}

function bySeed(
  { first, second }: Pick<Comparison, "first" | "second">,
  reader: ScoreReader,
): Comparison["bySeed"] {
  return first.cells.flatMap((cell) => {
    const other = second.cells.find(({ seed }) => seed === cell.seed);
    if (other === undefined) return [];
    const [a, b] = [reader.of(cell), reader.of(other)];
    checkSameTrials(a, b, [cell, other]);
    return [{ seed: cell.seed, ...testBoth(a.labels, a.scores, b.scores, 1) }];
  });
}

/** @param family number of tests that the p-values will be corrected for */
function testBoth(labels: Labels, first: Scores, second: Scores, family: number): Tests {
  const delong = delongTest(labels, first, second);
  return {
    rocAuc: {
      first: rocAuc(labels, first),
      second: rocAuc(labels, second),
      difference: delong.difference,
      interval: delong.interval,
      standardError: delong.standardError,
      p: delong.p,
    },
    prAuc: {
      first: averagePrecision(labels, first),
      second: averagePrecision(labels, second),
      ...bootstrap(labels, first, second, family),
    },
  };
}

/**
 * No p-value is below 2 / (resamples + 1), and Holm multiplies it by up to the size of the family. So
 * where a first run leaves p ≤ .05, a second has resamples enough for the least p to be .04 after that.
 */
function bootstrap(labels: Labels, first: Scores, second: Scores, family: number) {
  const run = (resamples: number) =>
    pairedBootstrap(labels, first, second, averagePrecision, { seed: 1, resamples });
  const quick = run(RESAMPLES);
  const enough = (2 * family) / 0.04;
  return quick.p <= 0.05 && enough > RESAMPLES ? run(enough) : quick;
}

function neverMet({ folder, cells }: Results, first: string, second: string): InputError {
  const methods = [...new Set(cells.map(({ method }) => method))].sort();
  const unknown = [first, second].find((method) => !methods.includes(method));
  if (unknown !== undefined) {
    return new InputError(`has no result of "${unknown}"`, {
      file: folder,
      field: "method",
      remedy: `Name two of: ${methods.join(", ")}`,
    });
  }
  const ranIn = (method: string) =>
    aggregate(cells.filter((cell) => cell.method === method))
      .map(contestText)
      .join("; ");
  return new InputError(
    `${first} (${ranIn(first)}) and ${second} (${ranIn(second)}) share no data set, task and settings`,
    { file: folder, field: "method", remedy: "Run both in one experiment of the configuration" },
  );
}
