import type { EChartsCoreOption } from "echarts/core";
import type { Attribution } from "../../serving/answer.js";
import { points } from "../words.js";
import { BASE, DOWN, INK, LINE, UP } from "./look.js";

/** In pixels, as are all lengths here. */
export const pullsHeight = (bars: number): number => 12 + bars * 30;

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
      if (isNarrow) return { position: [-startOf(effect), -17], width: 2 * half };
      return { position: effect >= 0 ? "left" : "right", width: half - 12 };
    };
    return {
      ...BASE,
      grid: { left: EDGE, right: EDGE, top: isNarrow ? 14 : EDGE, bottom: EDGE },
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
              formatter: `{figure|${points(effect)}}  ${text.replaceAll(/[{}|]/g, " ")}`,
              overflow: "truncate",
              color: INK,
              rich: { figure: { color: INK, fontWeight: "bold" } },
            },
          })),
        },
      ],
    };
  };
