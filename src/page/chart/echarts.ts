import { BarChart, LineChart, ScatterChart } from "echarts/charts";
import { GridComponent } from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, LineChart, ScatterChart, GridComponent, SVGRenderer]);

/** A chart that follows the size of its element until it is removed. */
export interface Drawing {
  /** @param option for a width in pixels */
  set(option: (width: number) => EChartsCoreOption): void;
  remove(): void;
}

/** @param height in pixels */
export function draw(element: HTMLElement, height: number): Drawing {
  const chart = init(element, null, { renderer: "svg", height, width: widthOf(element) });
  let optionFor: ((width: number) => EChartsCoreOption) | undefined;
  const refresh = () => {
    if (optionFor !== undefined) chart.setOption(optionFor(widthOf(element)), { notMerge: true });
  };
  const follow = new ResizeObserver(() => {
    if (chart.getWidth() === widthOf(element)) return;
    chart.resize({ width: widthOf(element), height });
    refresh();
  });
  follow.observe(element);
  return {
    set: (option) => {
      optionFor = option;
      refresh();
    },
    remove: () => {
      follow.disconnect();
      chart.dispose();
    },
  };
}

const widthOf = (element: HTMLElement): number => Math.max(1, element.clientWidth);
