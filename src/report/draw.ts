/** Drawing: lines and bars as SVG that is legible on light and on dark ground and without colours. */
import * as echarts from "echarts";
import type { Point } from "../evaluation/index.js";

/** How a line is told from others: by colour, dashes and width. */
export interface Style {
  readonly colour: string;
  /** Lengths of dashes and gaps in pixels; none of a solid line. */
  readonly dashes: readonly number[];
  readonly width: number;
}

/**
 * Colours that people with colour-vision deficiencies tell apart (after Okabe and Ito), darkened or
 * lightened until each has a contrast of 3 and more on white and on near-black.
 */
export const STYLES: readonly Omit<Style, "width">[] = [
  { colour: "#d55e00", dashes: [] },
  { colour: "#2b83c4", dashes: [8, 3] },
  { colour: "#0a9a72", dashes: [2, 3] },
  { colour: "#b565a0", dashes: [8, 3, 2, 3] },
  { colour: "#97821b", dashes: [4, 2] },
  { colour: "#7a7f87", dashes: [12, 4] },
];

/** Of the line at a place, ours in wide strokes. */
export const styleOf = (place: number, isOurs: boolean): Style => ({
  ...STYLES[place]!,
  width: isOurs ? 2.5 : 1.75,
});

/** Of chance, the ideal and other lines to measure by. */
export const REFERENCE: Style = { colour: "currentColor", dashes: [3, 4], width: 1 };

export interface Line {
  readonly name: string;
  readonly points: readonly Point[];
  readonly style: Style;
  /** Marks each point. */
  readonly hasMarks?: boolean;
  /** Around the line: the lower and upper y of each point. */
  readonly band?: readonly (readonly [low: number, high: number])[];
}

export interface Axis {
  readonly name: string;
  readonly min?: number;
  readonly max?: number;
  /** From one tick to the next, where min and max are whole multiples of it. */
  readonly interval?: number;
  /** Logarithmic with base 2, of whole powers. */
  readonly isLog2?: boolean;
}

/**
 * Ends and steps of an axis that reaches some values: at most so many whole steps of .05, .1 or .2. (Left to
 * itself, ECharts divides between given ends as it pleases.)
 */
export function wholeSteps(
  reach: readonly number[],
  most: number,
): { readonly min: number; readonly max: number; readonly interval: number } {
  const [low, high] = [Math.min(...reach), Math.max(...reach)];
  // Steps in one, and not the width of a step, which has no exact sums.
  const within = (steps: number) => {
    const first = Math.floor(low * steps);
    return [first, Math.max(first + 1, Math.ceil(high * steps))] as const;
  };
  const steps = [20, 10].find((steps) => within(steps)[1] - within(steps)[0] <= most) ?? 5;
  const [min, max] = within(steps);
  return { min: min / steps, max: max / steps, interval: 1 / steps };
}

/** In pixels: as wide as a telephone shows unscaled, so that text stays legible. */
const WIDTH = 344;
const HEIGHT = 300;

const faint = { color: "currentColor", opacity: 0.15 };
const inkOf = { color: "currentColor", fontSize: 12 };

/** Lines over two axes. */
export function drawLines(x: Axis, y: Axis, lines: readonly Line[]): string {
  return draw(HEIGHT, {
    grid: { left: 52, right: 14, top: 14, bottom: 46 },
    xAxis: { ...axis(x), nameGap: 28 },
    yAxis: { ...axis(y), nameGap: 38 },
    series: lines.flatMap(({ name, points, style, hasMarks, band }, i) => [
      ...(band ? bandSeries(`band ${i}`, points, band, style.colour) : []),
      {
        type: "line" as const,
        name,
        data: points.map((point) => [...point]),
        symbol: hasMarks ? "circle" : "none",
        symbolSize: 6,
        itemStyle: { color: style.colour },
        lineStyle: lineStyle(style),
        silent: true,
      },
    ]),
  });
}

export interface Bar {
  readonly name: string;
  /** Null where only the error bar is to be left out. */
  readonly interval: readonly [low: number, high: number] | null;
  readonly value: number;
  /** In the colour of its own that sets some apart from the others. */
  readonly isSetApart: boolean;
}

const BAR_HEIGHT = 34;
/** As many as leave room for their labels beside the names of the bars. */
const BAR_STEPS = 6;

/** Horizontal bars from a value to measure by, such as chance, each with its error bar. */
export function drawBars(name: string, from: number, bars: readonly Bar[]): string {
  const reach = bars.flatMap(({ value, interval }) => [value, ...(interval ?? [])]);
  return draw(70 + BAR_HEIGHT * bars.length, {
    grid: { left: 132, right: 16, top: 10, bottom: 46 },
    xAxis: {
      ...axis({ name, ...wholeSteps([from, ...reach], BAR_STEPS) }),
      startValue: from,
      nameGap: 28,
    },
    yAxis: {
      type: "category",
      data: bars.map((bar) => bar.name),
      inverse: true,
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { ...inkOf, fontSize: 11, width: 112, overflow: "break" },
    },
    series: [
      {
        type: "bar",
        barWidth: 14,
        silent: true,
        data: bars.map(({ value, isSetApart }) => ({
          value,
          itemStyle: { color: STYLES[isSetApart ? 0 : 1]!.colour },
        })),
        markLine: {
          symbol: "none",
          silent: true,
          label: { show: false },
          lineStyle: lineStyle(REFERENCE),
          data: [{ xAxis: from }],
          precision: 10, // else it is drawn at the nearest hundredth
        },
      },
      errorBars(bars),
    ],
  });
}

function errorBars(bars: readonly Bar[]): echarts.CustomSeriesOption {
  return {
    type: "custom",
    silent: true,
    z: 5,
    data: bars.flatMap(({ interval }, i) => (interval ? [[interval[0], i, interval[1]]] : [])),
    encode: { x: [0, 2], y: 1 },
    renderItem: (_, api) => {
      const [left, y] = api.coord([api.value(0), api.value(1)]) as [number, number];
      const [right] = api.coord([api.value(2), api.value(1)]) as [number];
      const line = (x1: number, y1: number, x2: number, y2: number) => ({
        type: "line" as const,
        shape: { x1, y1, x2, y2 },
        style: { fill: "none", stroke: "currentColor", lineWidth: 1.5 },
      });
      return {
        type: "group",
        children: [
          line(left, y, right, y),
          line(left, y - 4, left, y + 4),
          line(right, y - 4, right, y + 4),
        ],
      };
    },
  };
}

/** The area between two lines: an unseen lower one with the difference stacked on it. */
function bandSeries(
  stack: string,
  points: Line["points"],
  band: NonNullable<Line["band"]>,
  colour: string,
): echarts.LineSeriesOption[] {
  const part = (value: (bounds: readonly [number, number]) => number, opacity: number) => ({
    type: "line" as const,
    stack,
    stackStrategy: "all" as const,
    symbol: "none",
    silent: true,
    lineStyle: { opacity: 0 },
    areaStyle: { color: colour, opacity },
    data: points.map(([x], i) => [x, value(band[i]!)]),
  });
  return [part(([low]) => low, 0), part(([low, high]) => high - low, 0.18)];
}

const lineStyle = ({ colour, dashes, width }: Style) => ({
  color: colour,
  width,
  type: dashes.length > 0 ? [...dashes] : ("solid" as const),
});

function axis({ name, min, max, interval, isLog2 }: Axis) {
  return {
    ...(isLog2 ? { type: "log" as const, logBase: 2 } : { type: "value" as const }),
    name,
    nameLocation: "middle" as const,
    nameTextStyle: inkOf,
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(interval !== undefined && { interval }),
    axisLine: { show: true, lineStyle: { color: "currentColor", width: 1 } },
    axisTick: { show: true, lineStyle: { color: "currentColor" } },
    axisLabel: { ...inkOf, hideOverlap: true },
    splitLine: { lineStyle: faint },
  };
}

function draw(height: number, option: echarts.EChartsOption): string {
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width: WIDTH, height });
  try {
    chart.setOption({ animation: false, textStyle: { fontFamily: "inherit" }, ...option });
    // What ECharts adds for the pointer has no use on a page without scripts.
    return chart
      .renderToSVGString()
      .replace(/<style\s*>.*?<\/style>/s, "")
      .replaceAll(/ (?:class|pointer-events|ecmeta_\w+)="[^"]*"/g, "");
  } finally {
    chart.dispose(); // else its timers keep the process alive
  }
}
