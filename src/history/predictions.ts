import { randomUUID } from "node:crypto";
import { InputError } from "../base/error.js";
import { sha256 } from "../base/file.js";
import type { Draft } from "../trial/draft.js";
import type { HistoryEntry, HistoryRow, LabelInput } from "./answer.js";
import type { Database, Query, Value } from "./database.js";
import { type Found, type Kept, MOST_ROWS, type Receipt, type Search } from "./history.js";
import { fold, patternOf, searched, trigramsOf } from "./text.js";

/** A row of cladmop_predictions as far as it is shown. */
interface Row {
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
const COLUMNS = [
  ...["seq", "id", "created_at", "model_name", "model_sha256", "phase", "probability"],
  ...["summary", "label", "note", "labelled_at"],
];
const SHOWN = COLUMNS.map((column) => `p.${column}`).join(", ");

/** What a list shows and nothing looks at. */
type Summary = Pick<
  HistoryRow,
  "title" | "nctId" | "conditions" | "drugs" | "interval" | "baseRate" | "usedIn"
>;

/** Rows that one statement adds: PostgreSQL takes 65,535 parameters, SQLite half of that. */
const AT_ONCE = 200;
const USUAL_ROWS = 50;
/** Rows that are looked through before an index is asked. */
const NEWEST = 300;
/** Characters that are looked for at most: SQLite's LIKE takes 50,000 bytes. */
const MOST_TEXT = 1000;

const isoOf = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** The past predictions of a database. */
export class Predictions {
  constructor(private readonly database: Database) {}

  async addMany(kept: readonly Kept[]): Promise<Receipt[]> {
    const now = Date.now();
    const rows = kept.map((one) => ({ id: randomUUID(), ...one }));
    const lots: (typeof rows)[] = [];
    for (let i = 0; i < rows.length; i += AT_ONCE) lots.push(rows.slice(i, i + AT_ONCE));
    if (lots.length > 0)
      await this.database.transaction(async (query) => {
        for (const lot of lots) await insert(query, lot, now);
      });
    return rows.map(({ id }) => ({ id, createdAt: isoOf(now) }));
  }

  async get(id: string): Promise<HistoryEntry | undefined> {
    const [row] = await this.database.query<Row & { draft: string; prediction: string }>(
      `select ${SHOWN}, t.draft, t.prediction
        from cladmop_predictions p join cladmop_texts t on t.seq = p.seq where p.id = $1`,
      [id],
    );
    if (row === undefined) return undefined;
    const labels = await this.database.query<{
      label: 0 | 1 | null;
      note: string | null;
      created_at: number;
    }>(
      "select label, note, created_at from cladmop_labels where prediction = $1 order by created_at, seq",
      [row.seq],
    );
    return {
      ...shown(row),
      draft: JSON.parse(row.draft),
      prediction: JSON.parse(row.prediction),
      labels: labels.map(({ label, note, created_at }) => ({ label, note, at: isoOf(created_at) })),
    };
  }

  async search(search: Search): Promise<Found> {
    const limit = Math.min(search.limit ?? USUAL_ROWS, MOST_ROWS);
    const rows = (await this.newest(search, limit)) ?? (await this.found(search, limit));
    const page = rows.slice(0, limit);
    return {
      rows: page.map(shown),
      next: rows.length > limit ? String(page.at(-1)!.seq) : null,
    };
  }

  /** One row more than a page, if there are more. */
  private async found(search: Search, limit: number, after?: number): Promise<Row[]> {
    const { sql, values } = statement(search, this.database.kind, limit + 1, after);
    return await this.database.read<Row>(sql, values);
  }

  /**
   * A page of the newest rows alone, where it is full. PostgreSQL does not know how many rows have a text, and would
   * gather all of those that have a common one.
   */
  private async newest(search: Search, limit: number): Promise<Row[] | undefined> {
    if (this.database.kind === "sqlite" || !search.text) return undefined;
    const [row] = await this.database.read<{ last: number | null }>(
      "select max(seq) as last from cladmop_predictions",
    );
    const last = search.cursor === undefined ? (row?.last ?? 0) : placeOf(search.cursor);
    const rows = await this.found(search, limit, last - NEWEST);
    return rows.length > limit ? rows : undefined;
  }

  async setLabel(id: string, input: LabelInput): Promise<HistoryRow | undefined> {
    const { label } = input;
    const note = input.note || null;
    const now = Date.now();
    const audit = randomUUID();
    return await this.database.transaction(async (query) => {
      const [row] = await query<Row>(
        label === null
          ? `update cladmop_predictions set label = null, note = $2, labelled_at = null, known_at = null
              where id = $1 returning ${COLUMNS.join()}`
          : `update cladmop_predictions set label = $3, note = $2, labelled_at = $4,
              known_at = coalesce(known_at, case when created_at > $4 then created_at else $4 end) where id = $1 returning ${COLUMNS.join()}`,
        label === null ? [id, note] : [id, note, label, now],
      );
      if (row === undefined) return undefined;
      await query(
        `insert into cladmop_labels (id, prediction, label, note, created_at)
          values ($1, $2, $3, $4, $5) on conflict (id) do nothing`,
        [audit, row.seq, label, note, now],
      );
      return shown(row);
    });
  }

  async remove(id: string): Promise<boolean> {
    const removed = await this.database.query(
      "delete from cladmop_predictions where id = $1 returning id",
      [id],
    );
    if (removed.length === 0) return false;
    await this.database.scrub();
    return true;
  }
}

/**
 * What tells that two predictions are of one trial: the NCT id where it has one, since its record is amended while
 * its outcome is one; else all that the model reads.
 */
function trialKey({ nctId, phase, conditions, interventions, eligibilityCriteria }: Draft): string {
  if (nctId) return nctId;
  return sha256(JSON.stringify([phase, conditions, interventions, eligibilityCriteria]));
}

async function insert(
  query: Query,
  lot: readonly (Kept & { readonly id: string })[],
  now: number,
): Promise<void> {
  const columns =
    "id, created_at, model_name, model_sha256, trial, phase, probability, used, summary";
  // A transaction that is done anew after all had been kept adds nothing twice.
  const added = await query<{ seq: number; id: string }>(
    `insert into cladmop_predictions (${columns}) values ${placeholders(lot.length, 9)}
      on conflict (id) do nothing returning seq, id`,
    lot.flatMap(({ id, draft, prediction, model }): Value[] => {
      const { phase, probability, usedIn } = prediction;
      const used = usedIn === null ? null : Number(usedIn.length > 0);
      const summary = JSON.stringify(summaryOf(draft, prediction));
      return [
        ...[id, now, model.name, model.sha256, trialKey(draft)],
        ...[phase, probability, used, summary],
      ];
    }),
  );
  if (added.length === 0) return;
  const seqs = new Map(added.map(({ id, seq }) => [id, seq]));
  await query(
    `insert into cladmop_texts (seq, draft, prediction, folded) values ${placeholders(lot.length, 4)}`,
    lot.flatMap(({ id, draft, prediction }) => [
      seqs.get(id)!,
      JSON.stringify(draft),
      JSON.stringify(prediction),
      searched(draft, prediction.molecules),
    ]),
  );
}

/** "($1, $2), ($3, $4)" */
const placeholders = (rows: number, columns: number): string =>
  Array.from({ length: rows }, (_, row) => {
    const names = Array.from({ length: columns }, (_, i) => `$${row * columns + i + 1}`);
    return `(${names.join(", ")})`;
  }).join(", ");

const summaryOf = (draft: Draft, { interval, baseRate, usedIn }: Kept["prediction"]): Summary => ({
  title: draft.title || null,
  nctId: draft.nctId ?? "",
  conditions: draft.conditions,
  drugs: draft.interventions.map(({ name }) => name),
  interval,
  baseRate,
  usedIn,
});

const shown = (row: Row): HistoryRow => ({
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

/** Pages go by the order of keeping, so a row that is added meanwhile moves no other. */
function statement(
  { text, phase, labelled, label, since, model, cursor }: Search,
  kind: Database["kind"],
  limit: number,
  after?: number,
): { sql: string; values: Value[] } {
  const values: Value[] = [];
  const conditions: string[] = [];
  const where = (condition: (parameter: string) => string, value: Value) => {
    conditions.push(condition(`$${values.push(value)}`));
  };
  let tables = "cladmop_predictions p";
  let key = "p.seq";
  const folded = fold(text ?? "").trim();
  if (folded.length > MOST_TEXT)
    throw wrong("text", "is too long to look for", `Give at most ${MOST_TEXT} characters`);
  if (folded !== "") {
    tables = "cladmop_texts t join cladmop_predictions p on p.seq = t.seq";
    const trigrams = kind === "sqlite" ? trigramsOf(folded) : undefined;
    if (trigrams !== undefined) {
      // A cross join has SQLite read the index first, and as far as the page needs it.
      tables = `cladmop_trigrams i cross join cladmop_texts t on t.seq = i.rowid
        cross join cladmop_predictions p on p.seq = t.seq`;
      key = "i.rowid";
      where((parameter) => `i.cladmop_trigrams match ${parameter}`, trigrams);
    }
    where((parameter) => `t.folded like ${parameter} escape '!'`, patternOf(folded));
  }
  if (phase !== undefined) where((parameter) => `p.phase = ${parameter}`, phase);
  if (label !== undefined) where((parameter) => `p.label = ${parameter}`, label);
  if (labelled !== undefined) conditions.push(`p.label is ${labelled ? "not " : ""}null`);
  if (since !== undefined) where((parameter) => `p.created_at >= ${parameter}`, timeOf(since));
  if (model !== undefined) where((parameter) => `p.model_sha256 = ${parameter}`, model);
  if (cursor !== undefined) where((parameter) => `${key} < ${parameter}`, placeOf(cursor));
  if (after !== undefined) where((parameter) => `${key} > ${parameter}`, after);
  const all = conditions.length === 0 ? "" : `where ${conditions.join(" and ")}`;
  const last = `$${values.push(limit)}`;
  return {
    sql: `select ${SHOWN} from ${tables} ${all} order by ${key} desc limit ${last}`,
    values,
  };
}

function timeOf(since: string): number {
  const time = Date.parse(since);
  if (Number.isNaN(time)) throw wrong("since", "is no time", "Write it like 2025-01-31T12:00:00Z");
  return time;
}

function placeOf(cursor: string): number {
  if (!/^\d{1,15}$/.test(cursor))
    throw wrong(
      "cursor",
      "is no page of a search",
      "Take it from the answer before, or leave it out",
    );
  return Number(cursor);
}

const wrong = (field: string, problem: string, remedy: string) =>
  new InputError(problem, { field, remedy });
