import type { EChartsCoreOption } from "echarts/core";
import { percent } from "../words.js";
import { ACCENT, BASE, INK, SOFT, shareAxis } from "./look.js";

/** A row of the chart of probabilities. */
export interface ProbabilityRow {
  readonly name: string;
  /** Where there is little room. */
  readonly short?: string;
  readonly value: number;
  readonly interval?: readonly [number, number];
  /** What is asked about; the rest is there to measure it by. */
  readonly isMain: boolean;
}

/** Widths below have no room for long names. */
const NARROW = 520;
/** In pixels. */
export const probabilityHeight = (rows: number): number => 34 + rows * 34;

/** One row each: the interval as a bar, the probability as a dot in it; what has no interval as a diamond. */
export const probabilityChart =
  (rows: readonly ProbabilityRow[]) =>
  (width: number): EChartsCoreOption => {
    const isNarrow = width < NARROW;
    const colourOf = ({ isMain }: ProbabilityRow) => (isMain ? ACCENT : SOFT);
    return {
      ...BASE,
      grid: { left: 8, right: isNarrow ? 22 : 44, top: 4, bottom: 4, containLabel: true },
      xAxis: { ...shareAxis(), interval: isNarrow ? 0.5 : 0.25 },
      yAxis: {
        type: "category",
        inverse: true,
        // By place: two may have one name.
        data: rows.map((_, i) => i),
        axisLine: { show: false },
        axisTick: { show: false },
        axisLabel: {
          color: INK,
          fontSize: 13,
          lineHeight: 15,
          width: isNarrow ? 110 : Math.round(0.38 * width),
          overflow: "truncate",
          formatter: (_: string, i: number) => {
            const { name, short } = rows[i]!;
            return isNarrow ? (short ?? name.replace(", ", ",\n")) : name;
          },
        },
      },
      series: [
        ...rows.flatMap((row, i) =>
          row.interval === undefined
            ? []
            : [
                {
                  type: "line",
                  silent: true,
                  symbol: "none",
                  lineStyle: { color: colourOf(row), width: 10, opacity: 0.32, cap: "round" },
                  data: row.interval.map((end) => [end, i]),
                },
              ],
        ),
        {
          type: "scatter",
          silent: true,
          data: rows.map((row, i) => ({
            value: [row.value, i],
            symbol: row.interval === undefined ? "diamond" : "circle",
            symbolSize: row.interval === undefined ? 13 : 15,
            itemStyle: { color: colourOf(row), borderColor: "var(--ground)", borderWidth: 2 },
            label: {
              show: true,
              position: "top",
              distance: 1,
              color: colourOf(row),
              fontWeight: "bold",
              formatter: percent(row.value),
            },
          })),
        },
      ],
    };
  };

/** The rows in figures, for those who cannot see the chart. */
export const probabilityTable = (rows: readonly ProbabilityRow[]) => ({
  head: ["Of", "P(success)", "90 % interval"],
  rows: rows.map(({ name, value, interval }) => [
    name,
    percent(value),
    interval === undefined ? "" : `${percent(interval[0])} to ${percent(interval[1])}`,
  ]),
});
