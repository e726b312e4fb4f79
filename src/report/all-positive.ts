import { groupBy } from "../base/group.js";
import { recordOf } from "../base/record.js";
import {
  accuracy,
  averagePrecision,
  brier,
  expectedCalibrationError,
  f1,
  rocAuc,
} from "../evaluation/index.js";
import { contestKey, FIGURES, type Figure, type Row, sharedSettings, spread } from "./aggregate.js";

/** As configurations spell the method that predicts success for every trial. */
export const ALL_POSITIVE = "all-positive";

/**
 * The rows, and for each data set, task and settings the one that every table needs: P(success) = 1 for
 * each trial. Where most trials succeed its F1 is hard to beat. It stands for one that was run, too: of
 * a ranking without threshold there would be no F1, and a log loss cut off where it is infinite.
 */
export function withAllPositive(rows: readonly Row[]): Row[] {
  return [...groupBy(rows, contestKey).values()].flatMap((contest) => [
    allPositive(contest),
    ...contest.filter(({ method }) => method !== ALL_POSITIVE),
  ]);
}

function allPositive(contest: readonly Row[]): Row {
  const { dataset, task, settings, n, positives } = contest[0]!;
  // Seeds may have been scored on different trials; the order of the labels does not matter here.
  const scored = contest.flatMap(({ cells }) => cells.map(({ figures }) => figures));
  const figures = [...groupBy(scored, (of) => `${of.positives} of ${of.n}`).values()].map(
    ([of]): Record<Figure, number | null> => {
      const labels = Array.from({ length: of!.n }, (_, i) => (i < of!.positives ? 1 : 0));
      const ones = labels.map(() => 1);
      return {
        prAuc: averagePrecision(labels, ones),
        rocAuc: rocAuc(labels, ones),
        f1: f1(labels, ones, 1),
        accuracy: accuracy(labels, ones, 1),
        brier: brier(labels, ones),
        ece: expectedCalibrationError(labels, ones),
        logLoss: null, // infinite
      };
    },
  );
  return {
    dataset,
    task,
    method: ALL_POSITIVE,
    title: "always success",
    ours: false,
    reference: false,
    settings: sharedSettings(settings),
    cells: [],
    unanswered: 0,
    n,
    positives,
    figures: recordOf(FIGURES, (name) => spread(figures.map((of) => of[name]))),
    validation: { prAuc: null, rocAuc: null },
    interval: null,
    subgroups: {},
  };
}
