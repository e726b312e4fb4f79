import type { Chart } from "./chart.js";
import type { Table } from "./table.js";

/** A report, before it is spelled as a page or as Markdown. */
export interface Document {
  readonly title: string;
  /** What the first screen tells. */
  readonly verdict: Section;
  readonly sections: readonly Section[];
}

export interface Section {
  readonly title: string;
  readonly text: readonly string[];
  /** Names and values. */
  readonly facts?: readonly (readonly [name: string, value: string])[];
  readonly parts: readonly Part[];
}

/** What belongs together, such as that of one data set: tables, then charts. */
export interface Part {
  readonly tables: readonly Table[];
  readonly charts: readonly Chart[];
}
