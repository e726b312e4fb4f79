import { InputError } from "../base/error.js";
import { groupBy } from "../base/group.js";
import { recordOf } from "../base/record.js";
import { Interrupted, type Watcher } from "../base/watcher.js";
import type { CellResult } from "../benchmark/result.js";
import { holm } from "../evaluation/index.js";
import {
  aggregate,
  type Contest,
  contestKey,
  contestText,
  type Row,
  sharedSettings,
} from "./aggregate.js";
import { checkSameTrials, ScoreReader } from "./mean-scores.js";
import {
  type OverSeeds,
  overSeeds,
  TESTED,
  type Tested,
  type Tests,
  testBoth,
} from "./paired-tests.js";
import { type Results, readResults } from "./read-results.js";

/** Two methods on one data set and task with the same settings. */
export interface Comparison extends Contest {
  readonly first: Row;
  readonly second: Row;
  /** Of the seeds that both have, ascending: one or more. */
  readonly bySeed: readonly (Tests & { readonly seed: number })[];
  readonly overSeeds: Readonly<Record<Tested, OverSeeds>>;
  /**
   * Of the scores averaged over seeds, which makes an ensemble of them. Null where there is but one, where
   * the methods have other seeds, and of few-shot learning: ten draws together are more than a few shots.
   */
  readonly ensemble: Tests | null;
  /** P-values after Holm's correction over the family: all tests of the same task on the same data set. */
  readonly adjusted: Readonly<Record<Tested, number>>;
  /** Number of tests in the family. */
  readonly family: number;
}

export interface CompareOptions {
  /** Folder of the results. */
  readonly folder: string;
  /** As the configuration spells them. */
  readonly first: string;
  readonly second: string;
}

/**
 * Tests two methods on every data set, task and settings that both were run with.
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
  return compareAll(pairs, new ScoreReader(folder), watcher);
}

/**
 * Tests the reference of each task against every other method on the same data set and settings.
 * Trials with fewer than two of either outcome cannot be tested and are left out.
 * @throws InputError see {@link readPredictions}
 */
export function compareWithReferences(
  rows: readonly Row[],
  reader: ScoreReader,
  watcher?: Watcher,
): Comparison[] {
  // Two experiments may have the same task and other references: these two meet once.
  const pairs = pairsOf(rows, (a, b) => a.reference && (!b.reference || a.method < b.method));
  return compareAll(pairs, reader, watcher);
}

type Pair = readonly [first: Row, second: Row];

function pairsOf(rows: readonly Row[], fits: (first: Row, second: Row) => boolean): Pair[] {
  return [...groupBy(rows, contestKey).values()].flatMap((contest) =>
    contest
      .filter(({ n, positives }) => Math.min(positives, n - positives) >= 2)
      .flatMap((a) =>
        contest.filter((b) => fits(a, b) && sharedSeeds(a, b).length > 0).map((b): Pair => [a, b]),
      ),
  );
}

/** The cells of two rows with the same seed. */
function sharedSeeds(first: Row, second: Row): (readonly [CellResult, CellResult])[] {
  return first.cells.flatMap((cell) => {
    const other = second.cells.find(({ seed }) => seed === cell.seed);
    return other ? [[cell, other] as const] : [];
  });
}

function compareAll(pairs: readonly Pair[], reader: ScoreReader, watcher?: Watcher): Comparison[] {
  const compared = pairs.map(([first, second], done) => {
    watcher?.report({ stage: "tests", done, total: pairs.length, detail: second.title });
    if (watcher?.stopping()) throw new Interrupted(reader.folder, "by the same command");
    return compare(first, second, reader);
  });
  const families = groupBy(compared, ({ dataset, task }) => JSON.stringify([dataset, task]));
  return [...families.values()].flatMap(corrected);
}

type Uncorrected = Omit<Comparison, "adjusted" | "family">;

/**
 * Corrects for the tests of one task on one data set, all settings together: the claims that a reader
 * takes from one table. Those of other trials, or of few labels, do not weigh on them.
 */
function corrected(family: readonly Uncorrected[]): Comparison[] {
  const adjusted = holm(family.flatMap((one) => TESTED.map((figure) => familyP(one, figure))));
  return family.map((one, i) => ({
    ...one,
    adjusted: recordOf(TESTED, (figure) => adjusted[TESTED.length * i + TESTED.indexOf(figure)]!),
    family: adjusted.length,
  }));
}

function compare(first: Row, second: Row, reader: ScoreReader): Uncorrected {
  const { dataset, task, settings } = first;
  const shared = sharedSeeds(first, second);
  const bySeed = shared.map(([cell, other]) => {
    const [a, b] = [reader.of(cell), reader.of(other)];
    checkSameTrials(a, b, [cell, other]);
    return { seed: cell.seed, ...testBoth(a.labels, a.scores, b.scores) };
  });
  const isEnsemble =
    task !== "few-shot" &&
    shared.length > 1 &&
    shared.length === Math.max(first.cells.length, second.cells.length);
  const [a, b] = isEnsemble ? [reader.mean(first), reader.mean(second)] : [];
  return {
    dataset,
    task,
    settings: sharedSettings(settings),
    first,
    second,
    bySeed,
    overSeeds: overSeeds(bySeed),
    ensemble: a && b ? testBoth(a.labels, a.scores, b.scores) : null,
  };
}

/**
 * The p-value that enters the family: the ensemble's, or of several seeds twice the median, which is a
 * p-value however they depend on each other (Meinshausen, Meier and Bühlmann, "p-values for
 * high-dimensional regression", JASA 104, 2009, with γ = 1/2).
 */
function familyP({ ensemble, bySeed, overSeeds }: Uncorrected, figure: Tested) {
  if (ensemble) return ensemble[figure].p;
  const { medianP } = overSeeds[figure];
  return bySeed.length === 1 ? medianP : Math.min(1, 2 * medianP);
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
    `${first} (${ranIn(first)}) and ${second} (${ranIn(second)}) share no data set, task, settings and seed`,
    { file: folder, field: "method", remedy: "Run both in one experiment of the configuration" },
  );
}
