import type { EChartsCoreOption } from "echarts/core";
import type { Attribution } from "../../serving/answer.js";
import { points } from "../words.js";
import { BASE, DOWN, INK, LINE, UP } from "./look.js";

/** A bar with two lines of text, and room to the next: on a phone the text lies above its bar. */
const ROW = 54;
/** Of a character on the average, and of a line. */
const [CHARACTER, LINE_HEIGHT] = [6.3, 15];

/** In pixels, as are all lengths here. */
export const pullsHeight = (bars: number): number => 26 + bars * ROW;

/** Widths below have no room for words beside the bars. */
const NARROW = 480;
const EDGE = 4;

/** Bars to the right pull up, bars to the left pull down. What each stands for is written on the other side of zero, or above. */
export const pullsChart =
  (attributions: readonly Attribution[]) =>
  (width: number): EChartsCoreOption => {
    const reach = Math.max(0.5, ...attributions.map(({ effect }) => Math.abs(effect)));
    const half = width / 2 - EDGE;
    const isNarrow = width < NARROW;
    /** Where a bar begins, from the left edge of the chart. */
    const startOf = (effect: number) => half + (half * Math.min(0, effect)) / reach;
    const placeOf = (effect: number) => {
      if (isNarrow)
        return { position: [-startOf(effect), -2], verticalAlign: "bottom", width: 2 * half };
      return { position: effect >= 0 ? "left" : "right", width: half - 12 };
    };
    return {
      ...BASE,
      grid: { left: EDGE, right: EDGE, top: isNarrow ? 22 : EDGE, bottom: EDGE },
      xAxis: { type: "value", min: -reach, max: reach, show: false },
      yAxis: {
        type: "category",
        inverse: true,
        data: attributions.map(({ text }) => text),
        axisLine: { show: true, lineStyle: { color: LINE } },
        axisTick: { show: false },
        axisLabel: { show: false },
      },
      series: [
        {
          type: "bar",
          silent: true,
          barWidth: isNarrow ? 8 : 18,
          data: attributions.map(({ text, effect }) => ({
            value: effect,
            itemStyle: { color: effect >= 0 ? UP : DOWN, borderRadius: 2 },
            label: {
              show: true,
              ...placeOf(effect),
              formatter: `{figure|${points(effect)}}  ${inTwoLines(text, (isNarrow ? 2 : 1) * half)}`,
              overflow: "break",
              color: INK,
              lineHeight: LINE_HEIGHT,
              rich: {
                figure: { color: INK, fontWeight: "bold", lineHeight: LINE_HEIGHT },
              },
            },
          })),
        },
      ],
    };
  };

/** As much of a text as two lines hold beside the figure, without what ECharts would read as its own marks. */
function inTwoLines(text: string, width: number): string {
  const most = Math.floor((2 * width) / CHARACTER) - 16;
  const plain = text.replaceAll(/[{}|]/g, " ");
  return plain.length <= most ? plain : `${plain.slice(0, most).replace(/\s+\S*$/, "")} …`;
}
