import type { Point } from "../evaluation/index.js";
import { figureText, NONE, number, type Table, tableRow } from "./table.js";

export const at = (x: number, y: number): Point => [x, y];

/** Nearer than this, in shares of an axis of some 300 pixels, two points look like one. */
const NEAR = 0.003;

/** The points without those that a plot over [0, 1] could not tell from the one before. */
export function thinned(points: readonly Point[]): Point[] {
  const kept: Point[] = [];
  points.forEach((point, i) => {
    const last = kept.at(-1);
    const isNear =
      last !== undefined &&
      Math.max(Math.abs(point[0] - last[0]), Math.abs(point[1] - last[1])) < NEAR;
    if (!isNear || i === points.length - 1) kept.push(point);
  });
  return kept;
}

/** A curve's y at some x, from points by ascending x; undefined outside of them. */
export type Reading = (points: readonly Point[], x: number) => number | undefined;

/** On the straight line between neighbours; the end of a vertical piece. */
export const onLine: Reading = (points, x) => {
  const before = points.findLast((point) => point[0] <= x);
  const after = points.find((point) => point[0] > x);
  if (before === undefined) return undefined;
  if (after === undefined) return before[0] === x ? before[1] : undefined;
  return before[1] + ((after[1] - before[1]) * (x - before[0])) / (after[0] - before[0]);
};

/** Of steps that hold up to a point, the one that reaches x. */
export const onStep: Reading = (points, x) => points.find((point) => point[0] >= x)?.[1];

/** Curves as a table: each one's y at some x. */
export function sampled(
  xName: string,
  curves: readonly { readonly name: string; readonly points: readonly Point[] }[],
  xs: readonly number[],
  read: Reading,
): Table {
  return {
    title: `By ${xName}`,
    columns: [number(xName), ...curves.map(({ name }) => number(name))],
    rows: xs.map((x) =>
      tableRow([
        figureText(x),
        ...curves.map(({ points }) => {
          const y = read(points, x);
          return y === undefined ? NONE : figureText(y);
        }),
      ]),
    ),
    notes: [],
  };
}
