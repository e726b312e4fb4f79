/** Charts of what methods said of single trials. */
import {
  decisionCurve,
  type Labels,
  precisionRecallCurve,
  rocCurve,
  type Scores,
} from "../evaluation/index.js";
import { equalCountBins } from "./calibration-bins.js";
import { type Chart, lineChart } from "./chart.js";
import { at, onLine, onStep, sampled } from "./curve-points.js";
import { type Line, REFERENCE, styleOf } from "./draw.js";
import { figureText, NONE, number, tableRow } from "./table.js";

/** What one method said of the trials that all methods of a chart were scored on. */
export interface Scored {
  readonly name: string;
  readonly isOurs: boolean;
  readonly labels: Labels;
  readonly scores: Scores;
}

/** ROC curves beside chance. */
export function rocChart(place: string, methods: readonly Scored[]): Chart {
  const curves = methods.map(({ name, isOurs, labels, scores }, i) => ({
    name,
    points: rocCurve(labels, scores),
    style: styleOf(i, isOurs),
  }));
  const chance = { name: "chance", points: [at(0, 0), at(1, 1)], style: REFERENCE };
  return lineChart({
    title: `ROC curve, ${place}`,
    description:
      "True-positive rate against false-positive rate. Higher and further left is better.",
    x: { name: "false-positive rate", min: 0, max: 1 },
    y: { name: "true-positive rate", min: 0, max: 1 },
    lines: [...curves, chance],
    table: sampled("false-positive rate", curves, tenths(0, 10), onLine),
  });
}

/** Up to this recall precision is that of a handful of trials, and curves tell nothing. */
const FIRST_RECALL = 0.05;

/** Precision-recall curves beside chance, whose precision is the share of successes. */
export function precisionRecallChart(place: string, methods: readonly Scored[]): Chart {
  const curves = methods.map(({ name, isOurs, labels, scores }, i) => ({
    name,
    points: precisionRecallCurve(labels, scores).filter(([recall]) => recall >= FIRST_RECALL),
    style: styleOf(i, isOurs),
  }));
  const prevalence = shareOfSuccesses(methods[0]!.labels);
  const chance = {
    name: "chance",
    points: [at(0, prevalence), at(1, prevalence)],
    style: REFERENCE,
  };
  return lineChart({
    title: `Precision-recall curve, ${place}`,
    description: `Precision against recall; chance has a precision of ${figureText(prevalence)}. Drawn from a recall of ${figureText(FIRST_RECALL)}, before which precision is that of a handful of trials. Higher is better.`,
    x: { name: "recall", min: 0, max: 1 },
    y: { name: "precision", min: 0, max: 1 },
    lines: [...curves, chance],
    table: sampled("recall", curves, tenths(1, 10), onStep),
  });
}

/** Trials in each bin of a reliability plot: as many as have a bar of error worth seeing, ten bins at most. */
const binSize = (trials: number): number => Math.max(20, Math.ceil(trials / 10));

/** Observed shares of successes against predicted probabilities. */
export function reliabilityChart(place: string, methods: readonly Scored[]): Chart {
  const size = binSize(methods[0]!.labels.length);
  const binned = methods.map(({ name, isOurs, labels, scores }, i) => ({
    name,
    bins: equalCountBins(labels, scores, size),
    style: styleOf(i, isOurs),
  }));
  const lines = binned.map(({ name, bins, style }): Line => {
    const points = bins.map(({ predicted, observed }) => at(predicted, observed));
    return { name, points, style, hasMarks: true };
  });
  const ideal = { name: "perfect calibration", points: [at(0, 0), at(1, 1)], style: REFERENCE };
  const most = Math.max(...binned.map(({ bins }) => bins.length));
  return lineChart({
    title: `Reliability, ${place}`,
    description: `Observed share of successes against mean predicted P(success), in bins of some ${size} trials by ascending P(success). Nearer the diagonal is better.`,
    x: { name: "predicted P(success)", min: 0, max: 1 },
    y: { name: "observed share of successes", min: 0, max: 1 },
    lines: [...lines, ideal],
    table: {
      title: "Mean predicted P(success), observed share of successes, and trials of each bin",
      columns: [number("bin"), ...binned.map(({ name }) => number(name))],
      rows: Array.from({ length: most }, (_, bin) =>
        tableRow([
          `${bin + 1}`,
          ...binned.map(({ bins }) => {
            const own = bins[bin];
            if (own === undefined) return NONE;
            return `${figureText(own.predicted)}: ${figureText(own.observed)} of ${own.count}`;
          }),
        ]),
      ),
      notes: [],
    },
  });
}

/** Thresholds beyond which a false success costs more than nineteen true ones are worth. */
const HIGHEST_THRESHOLD = 0.95;

/** Net benefit of deciding by each method, beside running all trials or none. */
export function decisionChart(place: string, methods: readonly Scored[]): Chart {
  const curves = methods.map(({ name, isOurs, labels, scores }, i) => ({
    name,
    curve: decisionCurve(labels, scores).filter(({ threshold }) => threshold <= HIGHEST_THRESHOLD),
    style: styleOf(i, isOurs),
  }));
  const lines = curves.map(({ name, curve, style }) => ({
    name,
    points: curve.map(({ threshold, model }) => at(threshold, model)),
    style,
  }));
  const all: Line = {
    name: "run all",
    points: curves[0]!.curve.map(({ threshold, treatAll }) => at(threshold, treatAll)),
    style: REFERENCE,
  };
  const none = {
    name: "run none",
    points: [at(0, 0), at(1, 0)],
    style: { ...REFERENCE, dashes: [1, 2] },
  };
  const top = shareOfSuccesses(methods[0]!.labels);
  return lineChart({
    title: `Decision curve, ${place}`,
    description:
      "Net benefit per trial of running the trials whose P(success) reaches the threshold. Higher is better.",
    x: { name: "threshold of P(success)", min: 0, max: 1 },
    // Running all trials falls without bound; what is worse than -.1 is not worth seeing.
    y: { name: "net benefit", min: -0.1, max: Math.ceil(10 * top) / 10 },
    lines: [...lines, all, none],
    table: sampled("threshold", [...lines, all], tenths(1, 9), onLine),
  });
}

const tenths = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => (first + i) / 10);

function shareOfSuccesses(labels: Labels): number {
  return Array.from(labels).reduce((sum, label) => sum + label, 0) / labels.length;
}
