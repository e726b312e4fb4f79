import type { HistoryRow } from "./answer.js";

/** A row of cladmop_predictions as far as it is shown. */
export interface Row {
  readonly seq: number;
  readonly id: string;
  readonly created_at: number;
  readonly model_name: string;
  readonly model_sha256: string;
  readonly phase: HistoryRow["phase"];
  readonly probability: number;
  readonly summary: string;
  readonly label: 0 | 1 | null;
  readonly note: string | null;
  readonly labelled_at: number | null;
}
export const COLUMNS = [
  ...["seq", "id", "created_at", "model_name", "model_sha256", "phase", "probability"],
  ...["summary", "label", "note", "labelled_at"],
];
/** Of a statement that reads the table as `p`. */
export const SHOWN = COLUMNS.map((column) => `p.${column}`).join(", ");

/** What a list shows and nothing looks at. */
export type Summary = Pick<
  HistoryRow,
  "title" | "nctId" | "conditions" | "drugs" | "interval" | "baseRate" | "usedIn"
>;

export const isoOf = (milliseconds: number): string => new Date(milliseconds).toISOString();

export const shown = (row: Row): HistoryRow => ({
  id: row.id,
  createdAt: isoOf(row.created_at),
  model: { name: row.model_name, sha256: row.model_sha256 },
  phase: row.phase,
  probability: row.probability,
  ...(JSON.parse(row.summary) as Summary),
  label: row.label,
  note: row.note,
  labelledAt: row.labelled_at === null ? null : isoOf(row.labelled_at),
});
