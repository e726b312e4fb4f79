import type { EChartsCoreOption } from "echarts/core";
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Drawing } from "./echarts.js";

export type Cell = string | number;

/** What a chart shows, for those who cannot see it. */
export interface ChartTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

interface ChartProps {
  /** What is to be seen, in a sentence. */
  readonly label: string;
  /** For a width in pixels. */
  readonly option: (width: number) => EChartsCoreOption;
  /** In pixels. */
  readonly height: number;
  readonly table: ChartTable;
  readonly caption?: ComponentChildren;
}

/** A chart with its text alternative: a sentence, and a table to open. ECharts is loaded with the first. */
export function Chart({ label, option, height, table, caption }: ChartProps) {
  const element = useRef<HTMLDivElement>(null);
  const drawing = useRef<Drawing | undefined>(undefined);
  const latest = useRef(option);
  latest.current = option;
  const [isLost, setLost] = useState(false);
  useEffect(() => {
    let isThere = true;
    import("./echarts.js").then(
      ({ draw }) => {
        if (!isThere || element.current === null) return;
        drawing.current = draw(element.current, height);
        drawing.current.set(latest.current);
      },
      () => setLost(true),
    );
    return () => {
      isThere = false;
      drawing.current?.remove();
      drawing.current = undefined;
    };
  }, [height]);
  useEffect(() => drawing.current?.set(option), [option]);
  return (
    <figure class="chart">
      {caption !== undefined && <figcaption>{caption}</figcaption>}
      <div ref={element} role="img" aria-label={label} style={{ height: `${height}px` }} />
      {isLost && <p class="note">The chart could not be loaded; its table has the same figures.</p>}
      <details>
        <summary>As a table</summary>
        <Table {...table} />
      </details>
    </figure>
  );
}

export function Table({ head, rows }: ChartTable) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="table" aria-label={`Table: ${head.join(", ")}`} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {head.map((name, j) => (
              <th key={name} scope="col" class={isFigure(rows[0]?.[j]) ? "number" : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr key={i}>
              {row.map((cell, j) => (
                <td key={j} class={isFigure(cell) ? "number" : undefined}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Whether a cell is a figure, which stands to the right. */
const isFigure = (cell: Cell | undefined): boolean =>
  typeof cell === "number" || /^[+−]?[\d.]+( %)?$/.test(cell ?? "");
