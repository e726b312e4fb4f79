/** Charts of rows of the results. */
import type { Row } from "./aggregate.js";
import { type Chart, lineChart } from "./chart.js";
import { contendersOf } from "./contenders.js";
import { at } from "./curve-points.js";
import { drawBars, type Line, REFERENCE, STYLES, styleOf, wholeSteps } from "./draw.js";
import { FIGURE_TITLES } from "./results-table.js";
import { figureText, intervalText, NONE, number, spreadText, tableRow, text } from "./table.js";

/** Figures of few-shot learning by trials of either outcome: the mean of draws, one deviation around. */
export function fewShotChart(
  place: string,
  figure: "prAuc" | "rocAuc",
  rows: readonly Row[],
  chance: number,
): Chart {
  const name = FIGURE_TITLES[figure];
  const { ours, others } = contendersOf(rows);
  const methods = [...ours, ...others];
  const undrawn = methods.length - STYLES.length;
  const left =
    undrawn > 0
      ? ` Left to the table: ${undrawn} with the lowest mean ROC-AUC on the scored trials.`
      : "";
  const lines = methods.slice(0, STYLES.length).map((own, i): Line => {
    const known = own
      .map(({ settings, figures }) => ({ shots: Number(settings.shots), spread: figures[figure] }))
      .sort((a, b) => a.shots - b.shots);
    return {
      name: own[0]!.title,
      points: known.map(({ shots, spread }) => at(shots, spread!.mean)),
      style: styleOf(i, own[0]!.ours),
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
  const reach = [chance, ...lines.flatMap(({ band }) => band!.flat())];
  return lineChart({
    title: `Few-shot ${name}, ${place}`,
    description: `${name} against training trials of either outcome: mean of draws, with a band of one standard deviation.${left}`,
    x: {
      name: "training trials of either outcome",
      min: shots[0]!,
      max: shots.at(-1)!,
      isLog2: true,
    },
    y: { name, ...wholeSteps(reach, 8) },
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
 * ROC-AUC or PR-AUC of methods as bars from chance, ours set apart; among none but ours, the reference.
 * @param error what the error bars show: the 95 % interval over trials, or one deviation over seeds
 */
export function barChart(
  title: string,
  figure: "prAuc" | "rocAuc",
  rows: readonly Row[],
  chance: number,
  error: "interval" | "deviation",
): Chart {
  const name = FIGURE_TITLES[figure];
  const isAllOurs = rows.every(({ ours }) => ours);
  const bars = rows
    .toSorted((a, b) => b.figures[figure]!.mean - a.figures[figure]!.mean)
    .map((row) => {
      const { mean, deviation } = row.figures[figure]!;
      const around = deviation === null ? null : ([mean - deviation, mean + deviation] as const);
      return {
        name: row.title,
        value: mean,
        interval: error === "interval" ? (row.interval?.[figure] ?? null) : around,
        isSetApart: isAllOurs ? row.reference : row.ours,
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
