import assert from "node:assert/strict";
import { test } from "node:test";
import { rocCurve } from "../evaluation/index.js";
import { aggregate } from "./aggregate.js";
import type { Chart } from "./chart.js";
import { decisionChart, precisionRecallChart, reliabilityChart, rocChart } from "./curve-charts.js";
import { drawBars, STYLES, wholeSteps } from "./draw.js";
import { barChart, fewShotChart } from "./row-charts.js";
import { madeUpBenchmark } from "./test-support.js";

const cells = madeUpBenchmark({ datasets: ["phase-1"], seeds: [1, 2, 3], trials: 60 });
const rows = aggregate(cells.map(({ result }) => result));
const of = (task: string) => rows.filter((row) => row.task === task);
const methods = cells
  .filter(({ result }) => result.task === "supervised" && result.seed === 1)
  .slice(0, 3)
  .map(({ result, predictions }) => ({
    name: result.title,
    isOurs: result.ours,
    ...predictions,
  }));

const charts: Record<string, Chart> = {
  roc: rocChart("phase-1", methods),
  pr: precisionRecallChart("phase-1", methods),
  reliability: reliabilityChart("phase-1", methods),
  decision: decisionChart("phase-1", methods),
  fewShot: fewShotChart("phase-1", "rocAuc", of("few-shot"), 0.5),
  zeroShot: barChart("Zero-shot", "rocAuc", of("zero-shot"), 0.5, "interval"),
  ablation: barChart("Ablations", "prAuc", of("ablation"), 0.55, "deviation"),
};

/** The paths of a colour, each as its points. */
function paths({ svg }: Chart, stroke: string): [x: number, y: number][][] {
  const found = svg.matchAll(new RegExp(`<path d="([^"]*)"[^>]*stroke="${stroke}"`, "g"));
  return [...found].map(([, d]) =>
    [...d!.matchAll(/[ML]([\d.-]+) ([\d.-]+)/g)].map(([, x, y]) => [Number(x), Number(y)]),
  );
}

test("charts have no number that is none, no colour of one ground only, and no script or style", () => {
  for (const [name, { svg }] of Object.entries(charts)) {
    assert.ok(!/NaN|undefined|Infinity/.test(svg), name);
    assert.ok(
      !/<(style|script)|#000|#fff|black|white/i.test(
        svg.replaceAll(/<clipPath.*?<\/clipPath>/gs, ""),
      ),
      name,
    );
    assert.ok(svg.includes('fill="currentColor"'), name);
  }
});

test("a ROC curve is drawn through the curve's own points", () => {
  const { labels, scores } = methods[0]!;
  const [drawn] = paths(charts.roc!, "#d55e00");
  const curve = rocCurve(labels, scores);
  assert.equal(drawn!.length, curve.length);
  // The first point is (0, 0), the last (1, 1): the scale between pixels and rates.
  const [[left, bottom], [right, top]] = [drawn![0]!, drawn!.at(-1)!];
  curve.forEach(([x, y], i) => {
    assert.ok(Math.abs(drawn![i]![0] - (left + x * (right - left))) < 0.06);
    assert.ok(Math.abs(drawn![i]![1] - (bottom + y * (top - bottom))) < 0.06);
  });
});

test("legends name every line, and lines differ in dashes too", () => {
  for (const name of ["roc", "pr", "reliability", "decision", "fewShot"]) {
    const { legend } = charts[name]!;
    assert.ok(legend.length >= 4, name);
    assert.equal(new Set(legend.map(({ style }) => style.dashes.join())).size, legend.length, name);
  }
});

test("the reliability table counts every trial once a method", () => {
  const { table } = charts.reliability!;
  for (const column of [1, 2, 3]) {
    const counts = table.rows.map(({ cells }) =>
      Number(/ of (\d+)$/.exec(cells[column]!)?.[1] ?? 0),
    );
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      methods[0]!.labels.length,
    );
  }
});

test("precision-recall curves start where precision is of more than a handful", () => {
  const [drawn] = paths(charts.pr!, "#d55e00");
  const [chance] = paths(charts.pr!, "currentColor").filter((points) => points.length === 2);
  const [[left], [right]] = chance as [[number, number], [number, number]];
  assert.ok(drawn![0]![0] >= left + 0.05 * (right - left) - 0.06, `${drawn![0]} of ${left}`);
});

test("labels of axes are short", () => {
  const shifted = of("few-shot").map((row) => ({
    ...row,
    figures: { ...row.figures, rocAuc: { mean: 0.52, deviation: 0.14, count: 3 } },
  }));
  const { svg } = fewShotChart("phase-1", "rocAuc", shifted, 0.5);
  const labels = [...svg.matchAll(/<text[^>]*>([\d.]+)<\/text>/g)].map(([, label]) => label!);
  assert.ok(labels.includes("0.35"), `${labels}`);
  assert.ok(
    labels.every((label) => label.length <= 4),
    `${labels}`,
  );
});

test("the decision curve of running all trials starts at the share of successes", () => {
  const { labels } = methods[0]!;
  const share = labels.filter((label) => label === 1).length / labels.length;
  const { columns, rows } = charts.decision!.table;
  assert.equal(columns.at(-1)!.head, "run all");
  // At a threshold of .1 a failure costs a ninth of a success.
  const expected = share - (1 - share) / 9;
  assert.equal(rows[0]!.cells.at(-1), expected.toFixed(3).replace(/^0/, ""));
});

test("bars grow from chance, each with its error bar, ours in its own colour", () => {
  const { svg, table } = charts.zeroShot!;
  const bars = of("zero-shot").length;
  assert.equal(table.rows.length, bars);
  assert.equal(svg.match(/fill="#d55e00"/g)?.length, 1);
  assert.equal(svg.match(/fill="#2b83c4"/g)?.length, bars - 1);
  // Three strokes an error bar.
  assert.equal(svg.match(/stroke-width="1\.5"/g)?.length, 3 * bars);
});

test("an axis of bars has whole steps, and the line of chance stands where the bars start", () => {
  const axisOf = (from: number, low: number, high: number) => {
    const bar = { name: "a", value: high, interval: [low, high] as const, isSetApart: false };
    const svg = drawBars("ROC-AUC", from, [bar]);
    const [, start] = /<path d="M([\d.]+) [^"]*" fill="#2b83c4"/.exec(svg)!;
    const [, chance] = /<path d="M([\d.]+) [^>]*stroke-dasharray="3,4"/.exec(svg)!;
    assert.ok(Math.abs(Number(start) - Number(chance)) <= 0.5, `${start}, ${chance}`); // whole pixels
    return [...svg.matchAll(/<text[^>]*>([\d.]+)<\/text>/g)].map(([, label]) => label).join(" ");
  };
  assert.equal(axisOf(0.5, 0.52, 0.68), "0.5 0.55 0.6 0.65 0.7");
  assert.equal(axisOf(0.5, 0.44, 0.86), "0.4 0.5 0.6 0.7 0.8 0.9");
  assert.equal(axisOf(0.5545, 0.57, 0.6), "0.55 0.6");
  assert.deepEqual(wholeSteps([0, 0.99], 6), { min: 0, max: 1, interval: 0.2 });
  assert.deepEqual(wholeSteps([0.5], 6), { min: 0.5, max: 0.55, interval: 0.05 });
});

test("among our own methods alone the reference has its own colour", () => {
  const { svg, table } = charts.ablation!;
  assert.equal(svg.match(/fill="#d55e00"/g)?.length, 1);
  assert.equal(svg.match(/fill="#2b83c4"/g)?.length, table.rows.length - 1);
});

test("lines of ours are wide and stand first, the reference before all", () => {
  for (const name of ["roc", "fewShot"]) {
    const widths = charts[name]!.legend.map(({ style }) => style.width);
    assert.deepEqual(widths.slice(0, 3), [2.5, 2.5, 1.75], name);
  }
  assert.equal(charts.fewShot!.legend[0]!.name, "CLaDMoP + LoRA");
});

test("where methods outnumber the styles, the weakest few-shot baselines are left to the table", () => {
  const [one] = of("few-shot").filter(({ method }) => method === "prototypes");
  const extra = [0.9, 0.1, 0.8].map((mean) => ({
    ...one!,
    method: `m${mean}`,
    title: `m${mean}`,
    figures: { ...one!.figures, rocAuc: { mean, deviation: null, count: 1 } },
  }));
  const { description, legend, table } = fewShotChart(
    "phase-1",
    "prAuc",
    [...of("few-shot"), ...extra],
    0.5,
  );
  const names = legend.map(({ name }) => name);
  assert.equal(names.length, STYLES.length + 1); // and chance
  assert.deepEqual(names.slice(2, 4), ["m0.9", "m0.8"]);
  assert.ok(!names.includes("m0.1") && table.rows.at(-1)!.cells[0] === "m0.1");
  assert.match(description, /Left to the table: 1 with the lowest/);
});

test("the few-shot axis doubles at equal steps", () => {
  const [line] = paths(charts.fewShot!, "#d55e00").filter((points) => points.length === 5);
  const steps = line!.slice(1).map(([x], i) => x - line![i]![0]);
  for (const step of steps) assert.ok(Math.abs(step - steps[0]!) < 0.11, `${steps}`);
});

/** Relative luminance of "#rrggbb" (WCAG 2.2). */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

test("every colour has the contrast that graphics need (WCAG 2.2, 1.4.11) on either ground", () => {
  for (const { colour } of STYLES)
    for (const ground of ["#ffffff", "#15171a"]) {
      const [low, high] = [luminance(colour), luminance(ground)].sort((a, b) => a - b);
      const contrast = (high! + 0.05) / (low! + 0.05);
      assert.ok(contrast >= 3, `${colour} on ${ground}: ${contrast}`);
    }
});

test("a single number of shots is drawn, too", () => {
  const one = of("few-shot").filter(({ settings }) => settings.shots === 4);
  assert.ok(!/NaN|Infinity/.test(fewShotChart("phase-1", "prAuc", one, 0.55).svg));
});
