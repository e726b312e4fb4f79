import type { Chart } from "./chart.js";
import type { Table } from "./table.js";

/** A report, before it is spelled as a page or as Markdown. */
export interface Document {
  readonly title: string;
  readonly text: readonly string[];
  /** What was run on what: names and values. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly sections: readonly Section[];
}

/** Its text, charts and tables stand in this order. */
export interface Section {
  readonly title: string;
  readonly text: readonly string[];
  readonly charts: readonly Chart[];
  readonly tables: readonly Table[];
}
