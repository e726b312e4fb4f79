import { thinned } from "./curve-points.js";
import { drawLines, type Line, type Style } from "./draw.js";
import type { Table } from "./table.js";

/** A chart for a page, with what a reader who cannot see it needs. */
export interface Chart {
  readonly title: string;
  /** One sentence on what is drawn. */
  readonly description: string;
  readonly svg: string;
  readonly legend: readonly { readonly name: string; readonly style: Style }[];
  /** The figures behind the chart. */
  readonly table: Table;
}

interface LineChart extends Omit<Chart, "svg" | "legend"> {
  readonly x: Parameters<typeof drawLines>[0];
  readonly y: Parameters<typeof drawLines>[1];
  readonly lines: readonly Line[];
}

/** A chart of lines with their legend; points that the eye could not tell apart are left out. */
export function lineChart({ x, y, lines, ...rest }: LineChart): Chart {
  const legend = lines.map(({ name, style }) => ({ name, style }));
  const drawn = lines.map((line) =>
    line.hasMarks ? line : { ...line, points: thinned(line.points) },
  );
  return { ...rest, svg: drawLines(x, y, drawn), legend };
}
