import { randomUUID } from "node:crypto";
import { sha256 } from "../base/file.js";
import type { Draft } from "../trial/draft.js";
import type { HistoryEntry, HistoryRow, LabelInput } from "./answer.js";
import type { Database, Query, Value } from "./database.js";
import type { Kept, Receipt } from "./history.js";
import { COLUMNS, isoOf, type Row, SHOWN, type Summary, shown } from "./row.js";
import { searched } from "./text.js";

/** Rows that one statement adds: PostgreSQL takes 65,535 parameters, SQLite half of that. */
const AT_ONCE = 200;
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
              known_at = coalesce(known_at, case when created_at > $4 then created_at else $4 end)
              where id = $1 returning ${COLUMNS.join()}`,
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
