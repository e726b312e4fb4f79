import type { EChartsCoreOption } from "echarts/core";
import { ACCENT, BASE, SOFT, shareAxis } from "./look.js";

/** In pixels. */
export const CURVE_HEIGHT = 320;

const grid = { left: 16, right: 18, top: 14, bottom: 22, containLabel: true };
/** Of perfect calibration, or of a model that knows nothing. */
const diagonal = {
  type: "line",
  silent: true,
  symbol: "none",
  lineStyle: { color: SOFT, width: 1, type: "dashed" },
  data: [
    [0, 0],
    [1, 1],
  ],
};

interface Bin {
  readonly count: number;
  readonly predicted: number | null;
  readonly observed: number | null;
}

/** A dot a bin, larger with more trials; on the diagonal, probabilities are frequencies. */
export const calibrationChart = (bins: readonly Bin[]) => (): EChartsCoreOption => {
  const there = bins.filter(({ count }) => count > 0);
  const most = Math.max(...there.map(({ count }) => count));
  return {
    ...BASE,
    grid,
    xAxis: shareAxis("predicted"),
    yAxis: { ...shareAxis("observed"), nameGap: 44 },
    series: [
      diagonal,
      {
        type: "line",
        silent: true,
        lineStyle: { color: ACCENT, width: 1.5 },
        itemStyle: { color: ACCENT },
        symbol: "circle",
        symbolSize: (_: unknown, { dataIndex }: { dataIndex: number }) =>
          5 + 13 * Math.sqrt(there[dataIndex]!.count / most),
        data: there.map(({ predicted, observed }) => [predicted, observed]),
      },
    ],
  };
};

/** True-positive over false-positive rate; the diagonal is chance. */
export const rocChart =
  (curve: readonly (readonly [number, number])[]) => (): EChartsCoreOption => ({
    ...BASE,
    grid,
    xAxis: shareAxis("failures called successes"),
    yAxis: { ...shareAxis("successes found"), nameGap: 44 },
    series: [
      diagonal,
      {
        type: "line",
        silent: true,
        symbol: "none",
        lineStyle: { color: ACCENT, width: 2 },
        data: curve,
      },
    ],
  });
