import {
  decisionCurve,
  type Labels,
  type Point,
  precisionRecallCurve,
  reliabilityBins,
  rocCurve,
  type Scores,
} from "../evaluation/index.js";
import type { Row } from "./aggregate.js";
import { type Chart, drawBars, drawLines, type Line, REFERENCE, STYLES } from "./chart.js";
import { OURS } from "./compare.js";
import { onLine, onStep, sampled, thinned } from "./curve-points.js";
import { figureText, intervalText, NONE, number, spreadText, tableRow, text } from "./table.js";

/** What one method said of the trials that all methods of a chart were scored on. */
export interface Scored {
  readonly name: string;
  readonly labels: Labels;
  readonly scores: Scores;
}

/** ROC curves beside chance. */
export function rocChart(place: string, methods: readonly Scored[]): Chart {
  const curves = methods.map(({ name, labels, scores }, i) => ({
    name,
    points: rocCurve(labels, scores),
    style: STYLES[i]!,
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

/** Precision-recall curves beside chance, whose precision is the share of successes. */
export function precisionRecallChart(place: string, methods: readonly Scored[]): Chart {
  const curves = methods.map(({ name, labels, scores }, i) => ({
    name,
    points: precisionRecallCurve(labels, scores),
    style: STYLES[i]!,
  }));
  const prevalence = shareOfSuccesses(methods[0]!.labels);
  const chance = {
    name: "chance",
    points: [at(0, prevalence), at(1, prevalence)],
    style: REFERENCE,
  };
  return lineChart({
    title: `Precision-recall curve, ${place}`,
    description: `Precision against recall; chance has a precision of ${figureText(prevalence)}. Higher is better.`,
    x: { name: "recall", min: 0, max: 1 },
    y: { name: "precision", min: 0, max: 1 },
    lines: [...curves, chance],
    table: sampled("recall", curves, tenths(1, 10), onStep),
  });
}

/** Bins of a reliability plot: fewer than those of the ECE, so that each has trials enough to see. */
const BINS = 10;

/** Observed shares of successes against predicted probabilities. */
export function reliabilityChart(place: string, methods: readonly Scored[]): Chart {
  const binned = methods.map(({ name, labels, scores }, i) => ({
    name,
    bins: reliabilityBins(labels, scores, BINS),
    style: STYLES[i]!,
  }));
  const lines = binned.map(({ name, bins, style }): Line => {
    const filled = bins.filter(({ count }) => count > 0);
    return {
      name,
      points: filled.map(({ predicted, observed }) => at(predicted!, observed!)),
      style,
      hasMarks: true,
    };
  });
  const ideal = { name: "perfect calibration", points: [at(0, 0), at(1, 1)], style: REFERENCE };
  return lineChart({
    title: `Reliability, ${place}`,
    description:
      "Observed share of successes against mean predicted P(success), in ten bins. Nearer the diagonal is better.",
    x: { name: "predicted P(success)", min: 0, max: 1 },
    y: { name: "observed share of successes", min: 0, max: 1 },
    lines: [...lines, ideal],
    table: {
      title: "Observed share of successes, and trials, by predicted P(success)",
      columns: [text("P(success)"), ...binned.map(({ name }) => number(name))],
      rows: Array.from({ length: BINS }, (_, bin) =>
        tableRow([
          `${figureText(bin / BINS)} – ${figureText((bin + 1) / BINS)}`,
          ...binned.map(({ bins }) => {
            const { observed, count } = bins[bin]!;
            return observed === undefined ? NONE : `${figureText(observed)} of ${count}`;
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
  const curves = methods.map(({ name, labels, scores }, i) => ({
    name,
    curve: decisionCurve(labels, scores).filter(({ threshold }) => threshold <= HIGHEST_THRESHOLD),
    style: STYLES[i]!,
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

/** Figures of few-shot learning by trials of either outcome: the mean of draws, one deviation around. */
export function fewShotChart(
  place: string,
  figure: "prAuc" | "rocAuc",
  rows: readonly Row[],
  chance: number,
): Chart {
  const name = figure === "prAuc" ? "PR-AUC" : "ROC-AUC";
  const methods = [...new Set(rows.map(({ title }) => title))]
    .map((title) => rows.filter((row) => row.title === title))
    .sort(([a], [b]) => Number(b!.method === OURS) - Number(a!.method === OURS))
    .slice(0, STYLES.length);
  const lines = methods.map((own, i): Line => {
    const known = own
      .map(({ settings, figures }) => ({ shots: Number(settings.shots), spread: figures[figure] }))
      .sort((a, b) => a.shots - b.shots);
    return {
      name: own[0]!.title,
      points: known.map(({ shots, spread }) => at(shots, spread!.mean)),
      style: STYLES[i]!,
      hasMarks: true,
      band: known.map(({ spread }) => {
        const deviation = spread!.deviation ?? 0;
        return [spread!.mean - deviation, spread!.mean + deviation];
      }),
    };
  });
  const shots = [...new Set(rows.map(({ settings }) => Number(settings.shots)))].sort(
    (a, b) => a - b,
  );
  const across = { name: "chance", points: shots.map((x) => at(x, chance)), style: REFERENCE };
  const reach = lines.flatMap(({ band }) => band!.flat());
  return lineChart({
    title: `Few-shot ${name}, ${place}`,
    description: `${name} against training trials of either outcome: mean of draws, with a band of one standard deviation.`,
    x: {
      name: "training trials of either outcome",
      min: shots[0]!,
      max: shots.at(-1)!,
      isLog2: true,
    },
    y: {
      name,
      min: Math.floor(20 * Math.min(chance, ...reach)) / 20,
      max: Math.ceil(20 * Math.max(chance, ...reach)) / 20,
    },
    lines: [...lines, across],
    table: {
      title: `${name} by training trials of either outcome`,
      columns: [text("method"), ...shots.map((x) => number(`${x}`))],
      rows: methods.map((own) =>
        tableRow([
          own[0]!.title,
          ...shots.map((x) =>
            spreadText(own.find(({ settings }) => settings.shots === x)?.figures[figure] ?? null),
          ),
        ]),
      ),
      notes: [],
    },
  });
}

/**
 * ROC-AUC or PR-AUC of methods as bars from chance.
 * @param error what the error bars show: the 95 % interval over trials, or one deviation over seeds
 */
export function barChart(
  title: string,
  figure: "prAuc" | "rocAuc",
  rows: readonly Row[],
  chance: number,
  error: "interval" | "deviation",
): Chart {
  const name = figure === "prAuc" ? "PR-AUC" : "ROC-AUC";
  const bars = rows
    .toSorted((a, b) => b.figures[figure]!.mean - a.figures[figure]!.mean)
    .map((row) => {
      const { mean, deviation } = row.figures[figure]!;
      const around = deviation === null ? null : ([mean - deviation, mean + deviation] as const);
      return {
        name: row.title,
        value: mean,
        interval: error === "interval" ? (row.interval?.[figure] ?? null) : around,
        isOurs: row.method === OURS,
      };
    });
  const what =
    error === "interval" ? "95 % bootstrap interval" : "one standard deviation over seeds";
  return {
    title,
    description: `${name} as bars from chance (${figureText(chance)}), with ${what}.`,
    svg: drawBars(name, chance, bars),
    legend: [],
    table: {
      title: `${name} with ${what}`,
      columns: [text("method"), number(name), number(what)],
      rows: bars.map(({ name, value, interval }) =>
        tableRow([name, figureText(value), interval ? intervalText(interval) : NONE]),
      ),
      notes: [],
    },
  };
}

interface LineChart extends Omit<Chart, "svg" | "legend"> {
  readonly x: Parameters<typeof drawLines>[0];
  readonly y: Parameters<typeof drawLines>[1];
  readonly lines: readonly Line[];
}

function lineChart({ x, y, lines, ...rest }: LineChart): Chart {
  const legend = lines.map(({ name, style }) => ({ name, style }));
  const drawn = lines.map((line) =>
    line.hasMarks ? line : { ...line, points: thinned(line.points) },
  );
  return { ...rest, svg: drawLines(x, y, drawn), legend };
}

const tenths = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => (first + i) / 10);

const at = (x: number, y: number): Point => [x, y];

function shareOfSuccesses(labels: Labels): number {
  return Array.from(labels).reduce((sum, label) => sum + label, 0) / labels.length;
}
