import Table3 from "cli-table3";
import type { Interval } from "../evaluation/index.js";
import type { Spread } from "./aggregate.js";

/** A table as the terminal, Markdown and HTML show it. */
export interface Table {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly TableRow[];
  /** Sentences below the table. */
  readonly notes: readonly string[];
}

export interface Column {
  readonly head: string;
  /** Numbers stand right. */
  readonly isNumber: boolean;
}

export interface TableRow {
  /** One a column; a line break is kept where the medium allows. */
  readonly cells: readonly string[];
  /** Columns whose cell is to be in bold. */
  readonly bold: ReadonlySet<number>;
  /** Figures that others have published, set apart from those measured. */
  readonly isPublished: boolean;
}

export const text = (head: string): Column => ({ head, isNumber: false });
export const number = (head: string): Column => ({ head, isNumber: true });

export const tableRow = (cells: readonly string[], bold: Iterable<number> = []): TableRow => ({
  cells,
  bold: new Set(bold),
  isPublished: false,
});

/** What a cell shows where there is no figure. */
export const NONE = "–";

/** Three decimals without a leading zero, as in papers: .705, −.012, 1.000. */
export function figureText(value: number): string {
  const digits = Math.abs(value).toFixed(3);
  const sign = value < 0 && Number(digits) > 0 ? "−" : "";
  return sign + digits.replace(/^0\./, ".");
}

export function intervalText([low, high]: Interval): string {
  return `[${figureText(low)}, ${figureText(high)}]`;
}

/** Mean ± standard deviation, the latter where there is one. */
export function spreadText(spread: Pick<Spread, "mean" | "deviation"> | null): string {
  if (spread === null) return NONE;
  const { mean, deviation } = spread;
  return figureText(mean) + (deviation === null ? "" : ` ± ${figureText(deviation)}`);
}

export function pText(p: number): string {
  return p < 0.001 ? "< .001" : figureText(p);
}

/** Whole numbers as they are, means of differing ones with one decimal. */
export function countText(count: number): string {
  return Number.isInteger(count) ? count.toLocaleString("en") : count.toFixed(1);
}

/** Ascending whole numbers, runs of three or more as a range: "1–5, 8". */
export function numbersText(numbers: readonly number[]): string {
  const runs: [first: number, last: number][] = [];
  for (const each of numbers) {
    const run = runs.at(-1);
    if (run !== undefined && each === run[1] + 1) run[1] = each;
    else runs.push([each, each]);
  }
  return runs
    .flatMap(([first, last]) => {
      if (last - first >= 2) return `${first}–${last}`;
      return first === last ? `${first}` : [`${first}`, `${last}`];
    })
    .join(", ");
}

/** A table for the terminal, with its title and notes. Coloured only where standard output is a terminal. */
export function terminalTable({ title, columns, rows, notes }: Table): string {
  const coloured = process.stdout.isTTY;
  const table = new Table3({
    head: columns.map(({ head }) => head),
    colAligns: columns.map(({ isNumber }) => (isNumber ? "right" : "left")),
    style: coloured ? { head: ["bold"], border: ["grey"] } : { head: [], border: [] },
  });
  const bold = (cell: string) => (coloured ? `\u001b[1m${cell}\u001b[22m` : cell);
  for (const row of rows) {
    table.push(row.cells.map((cell, column) => (row.bold.has(column) ? bold(cell) : cell)));
  }
  return [title, table.toString(), ...notes].join("\n");
}
