import type { EChartsCoreOption } from "echarts/core";
import type { Attribution } from "../../serving/answer.js";
import { points } from "../words.js";
import { BASE, DOWN, INK, LINE, UP } from "./look.js";

/** In pixels. */
export const pullsHeight = (bars: number): number => 12 + bars * 30;

/** Bars to the right pull up, bars to the left pull down; what each stands for is written on the other side of zero. */
export const pullsChart = (attributions: readonly Attribution[]) => (width: number): EChartsCoreOption => {
  const reach = Math.max(0.5, ...attributions.map(({ effect }) => Math.abs(effect)));
  return {
    ...BASE,
    grid: { left: 4, right: 4, top: 4, bottom: 4 },
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
        barWidth: 18,
        data: attributions.map(({ text, effect }) => ({
          value: effect,
          itemStyle: { color: effect >= 0 ? UP : DOWN, borderRadius: 2 },
          label: {
            show: true,
            position: effect >= 0 ? "left" : "right",
            formatter: `{figure|${points(effect)}}  ${text.replaceAll(/[{}|]/g, " ")}`,
            width: width / 2 - 16,
            overflow: "truncate",
            color: INK,
            rich: { figure: { color: INK, fontWeight: "bold" } },
          },
        })),
      },
    ],
  };
};
