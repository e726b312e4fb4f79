import { groupBy } from "../base/group.js";
import { countPositives } from "../base/labels.js";
import {
  averagePrecision,
  bestF1Threshold,
  binarisedAveragePrecision,
  decide,
  f1,
} from "../evaluation/index.js";
import type { Check, Found } from "./check.js";
import { examplesOf, figure, shareOf } from "./finding.js";
import { type AuditInput, filesOf, idOf, type ScoredCell } from "./input.js";
import { alwaysSuccessF1, degenerateF1 } from "./labels.js";

type Predicted = ScoredCell & { readonly predictions: NonNullable<ScoredCell["predictions"]> };

const predicted = ({ cells }: AuditInput): Predicted[] =>
  cells.filter((cell): cell is Predicted => cell.predictions !== undefined);

/** Whether every trial has the same score: "always success", or a model without input. */
const isConstant = ({ predictions }: ScoredCell): boolean =>
  predictions !== undefined && new Set(predictions.scores).size === 1;

const hasBothOutcomes = ({ predictions }: Predicted): boolean =>
  new Set(predictions.labels).size === 2;

/** A finding for each benchmark or evaluation with results at fault, described by the first of them. */
function describe<Cell extends ScoredCell>(
  cells: readonly Cell[],
  severity: Found["severity"],
  isAtFault: (cell: Cell) => boolean,
  detail: (first: Cell) => string,
): Found[] {
  return [...groupBy(cells, ({ path }) => path)].flatMap(([subject, own]) => {
    const bad = own.filter(isAtFault);
    if (bad.length === 0) return [];
    const found = `${shareOf(bad.length, own.length, "result")}; of the first, ${detail(bad[0]!)}`;
    return [{ severity, subject, found, examples: examplesOf(bad.map(({ name }) => name)) }];
  });
}

/** Results whose F1 "always success" has too. */
export const degenerateResults: Check = {
  ...degenerateF1,
  name: "degenerate-results",
  find: ({ cells }) =>
    describe(
      cells.filter((cell) => !isConstant(cell) && cell.figures.f1 !== null),
      "warning",
      ({ figures }) => figures.f1! <= alwaysSuccessF1(figures),
      ({ figures }) =>
        `the F1 is ${figure(figures.f1!)}, and that of always success ${figure(alwaysSuccessF1(figures))}`,
    ),
};

/** Results whose threshold calls all trials the same although their scores differ. */
export const oneSidedDecisions: Check = {
  name: "one-sided-decisions",
  why: "F1 and accuracy are then those of a constant answer, not of the model.",
  remedy: "Look at the threshold, and report the share of trials called successful beside F1.",
  find: (input) =>
    describe(
      predicted(input).filter((cell) => !isConstant(cell) && cell.figures.threshold !== null),
      "warning",
      (cell) => [0, cell.predictions.scores.length].includes(called(cell)),
      (cell) => `${called(cell)} of ${cell.predictions.scores.length} trials are called successful`,
    ),
};

const called = ({ figures, predictions }: Predicted): number =>
  countPositives(decide(predictions.scores, figures.threshold!));

/** Constant scores of anything but "always success". */
export const constantScores: Check = {
  name: "constant-scores",
  why: "A model that sees no input (an empty cache, features of zeros) gives every trial one score.",
  remedy: "Look at the features that it was fitted on.",
  find: (input) =>
    describe(
      predicted(input).filter(({ name }) => !/always|all.positive/i.test(name)),
      "warning",
      isConstant,
      ({ predictions }) => `every score is ${predictions.scores[0]}`,
    ),
};

const TOLERANCE = 1e-6;

/** Results whose PR-AUC is not the average precision of their scores. */
export const otherPrAuc: Check = {
  name: "pr-auc",
  why: "A PR-AUC of 0/1 decisions depends on the threshold and compares with no other.",
  remedy: "Compute average precision on the scores.",
  find: (input) =>
    describe(
      predicted(input).filter(hasBothOutcomes),
      "warning",
      ({ figures, predictions: { labels, scores } }) =>
        Math.abs(figures.prAuc - averagePrecision(labels, scores)) > TOLERANCE,
      ({ figures: { prAuc, threshold }, predictions: { labels, scores } }) => {
        const isOfDecisions =
          threshold !== null &&
          Math.abs(prAuc - binarisedAveragePrecision(labels, scores, threshold)) <= TOLERANCE;
        return (
          `the PR-AUC is given as ${figure(prAuc)}${isOfDecisions ? ", that of 0/1 decisions" : ""}, and ` +
          `its scores have ${figure(averagePrecision(labels, scores))}`
        );
      },
    ),
};

/** Results whose threshold is the score of exactly one scored trial, so that it may be taken from them. */
export const thresholdFromTest: Check = {
  name: "threshold-from-test",
  why: "A threshold that is chosen on test flatters F1 and accuracy. One from validation meets a scored trial's score by accident only, as where scores are coarse: those of a forest are multiples of 1/trees.",
  remedy: "Choose the threshold on validation trials.",
  find: (input) =>
    (["leak", "warning"] as const).flatMap((severity) =>
      describe(
        predicted(input).filter((cell) => !isConstant(cell) && hasBothOutcomes(cell)),
        severity,
        (cell) => thresholdSuspicion(cell) === severity,
        (cell) =>
          `the threshold is the score of ${atThreshold(cell)[0]}${hasBestF1(cell) ? ", where F1 is highest" : ""}`,
      ),
    ),
};

/** From this share of distinct scores on they are fine; trials of the same text share theirs. */
const FINE = 0.9;

/**
 * Validation hardly gives one of the scored trials' scores where these are fine, and a threshold of highest
 * F1 is what a choice on the scored trials gives. Either may be chance, both together are not.
 */
function thresholdSuspicion(cell: Predicted): "leak" | "warning" | undefined {
  if (atThreshold(cell).length !== 1) return undefined;
  const { scores } = cell.predictions;
  const isFine = new Set(scores).size >= FINE * scores.length;
  if (isFine && hasBestF1(cell)) return "leak";
  return isFine || hasBestF1(cell) ? "warning" : undefined;
}

const atThreshold = ({ figures, predictions: { trials, scores } }: Predicted): string[] =>
  trials.filter((_, row) => scores[row] === figures.threshold);

/** Whether no other threshold has a higher F1 on the scored trials than that of the result. */
const hasBestF1 = ({
  figures: { threshold },
  predictions: { labels, scores },
}: Predicted): boolean =>
  f1(labels, scores, threshold!) === f1(labels, scores, bestF1Threshold(labels, scores));

/** Results that are scored on trials of their training file, which they list by hash. */
export const scoredOnTraining: Check = {
  name: "scored-on-training",
  why: "A score of a trial whose label was fitted says nothing of new trials.",
  remedy: "Remove these trials from the training file or the scored one, and run again.",
  find: (input) => {
    const training = filesOf(input).filter(({ role }) => role === "train");
    const seenBy = ({ data, scored, predictions }: Predicted): string[] => {
      // A file that is scored itself may have been divided by the benchmark.
      const hashes = new Set(
        Object.keys(data).flatMap((name) => (name === scored ? [] : [data[name]])),
      );
      const used = training.filter(({ sha256 }) => hashes.has(sha256));
      const known = new Set(used.flatMap(({ trials }) => trials.map(idOf)));
      return predictions.trials.filter((id) => known.has(id));
    };
    return describe(
      predicted(input),
      "leak",
      (cell) => seenBy(cell).length > 0,
      (cell) => {
        const seen = seenBy(cell);
        return `${shareOf(seen.length, cell.predictions.trials.length, "trial")} such as ${seen[0]} were fitted on`;
      },
    );
  },
};
