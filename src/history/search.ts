import { InputError } from "../base/error.js";
import type { Database, Value } from "./database.js";
import { type Found, MOST_ROWS, type Search } from "./history.js";
import { type Row, SHOWN, shown } from "./row.js";
import { fold, patternOf, trigramsOf } from "./text.js";

const USUAL_ROWS = 50;
/** Rows that are looked through before an index is asked. */
const NEWEST = 300;
/** Characters that are looked for at most: SQLite's LIKE takes 50,000 bytes. */
const MOST_TEXT = 1000;

/** A page of a search. @throws InputError if a cursor is none of ours or `since` is no time */
export async function searchIn(database: Database, search: Search): Promise<Found> {
  const limit = Math.max(1, Math.min(search.limit ?? USUAL_ROWS, MOST_ROWS));
  const rows = (await newest(database, search, limit)) ?? (await found(database, search, limit));
  const page = rows.slice(0, limit);
  return {
    rows: page.map(shown),
    next: rows.length > limit ? String(page.at(-1)!.seq) : null,
  };
}

/** One row more than a page, if there are more. */
async function found(
  database: Database,
  search: Search,
  limit: number,
  after?: number,
): Promise<Row[]> {
  const { sql, values } = statement(search, database.kind, limit + 1, after);
  return await database.read<Row>(sql, values);
}

/**
 * A page of the newest rows alone, where it is full. PostgreSQL does not know how many rows have a text, and would
 * gather all of those that have a common one.
 */
async function newest(
  database: Database,
  search: Search,
  limit: number,
): Promise<Row[] | undefined> {
  if (database.kind === "sqlite" || !search.text) return undefined;
  const [row] = await database.read<{ last: number | null }>(
    "select max(seq) as last from cladmop_predictions",
  );
  const last = search.cursor === undefined ? (row?.last ?? 0) : placeOf(search.cursor);
  const rows = await found(database, search, limit, last - NEWEST);
  return rows.length > limit ? rows : undefined;
}

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
  const most = `$${values.push(limit)}`;
  return {
    sql: `select ${SHOWN} from ${tables} ${all} order by ${key} desc limit ${most}`,
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
