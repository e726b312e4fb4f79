import { InputError } from "../base/error.js";
import type { Database, Query } from "./database.js";

/** How the tables became what they are: a step is never changed once it was published, another is added. */
const STEPS: readonly ((kind: Database["kind"]) => readonly string[])[] = [first, second];

/** Any number: that of no other program, by which two servers that start at once wait for each other. */
const LOCK = 7_206_355_817;

/**
 * Brings the tables up to date, or leaves everything as it was.
 * @throws InputError if a newer program made them
 */
export async function migrate(database: Database): Promise<void> {
  const { kind, name } = database;
  await database.transaction(async (query) => {
    // SQLite's transactions have the whole file locked.
    if (kind === "postgres") await query(`select pg_advisory_xact_lock(${LOCK})`);
    const version = await versionOf(query);
    if (version > STEPS.length)
      throw new InputError(
        `was made by a newer cladmop (its tables are version ${version}, this one knows ${STEPS.length})`,
        { file: name, remedy: "Update cladmop, or name another database" },
      );
    for (const step of STEPS.slice(version)) for (const sql of step(kind)) await query(sql);
    await query("update cladmop_schema set version = $1", [STEPS.length]);
  });
}

async function versionOf(query: Query): Promise<number> {
  await query("create table if not exists cladmop_schema (version integer not null)");
  const [row] = await query<{ version: number }>("select version from cladmop_schema");
  if (row !== undefined) return row.version;
  await query("insert into cladmop_schema values (0)");
  return 0;
}

/**
 * Times are milliseconds of the epoch, UTC. Texts stand apart from what lists are made from, so that looking through
 * many rows is quick. `summary` is what else a list shows, as JSON; `trial` tells which predictions are of one trial
 * and `known_at` when its outcome was first said (performance.ts); `folded` is what is searched (text.ts).
 */
function first(kind: Database["kind"]): string[] {
  const serial =
    kind === "sqlite"
      ? "integer primary key autoincrement"
      : "bigint generated always as identity primary key";
  return [
    `create table cladmop_predictions (
      seq ${serial},
      id text not null unique,
      created_at bigint not null,
      model_name text not null,
      model_sha256 text not null,
      trial text not null,
      phase text not null,
      probability double precision not null,
      used integer,
      summary text not null,
      label integer,
      note text,
      labelled_at bigint,
      known_at bigint)`,
    `create table cladmop_texts (
      seq bigint primary key references cladmop_predictions (seq) on delete cascade,
      draft text not null,
      prediction text not null,
      folded text not null)`,
    `create table cladmop_labels (
      seq ${serial},
      id text not null unique,
      prediction bigint not null references cladmop_predictions (seq) on delete cascade,
      label integer,
      note text,
      created_at bigint not null)`,
    `create table cladmop_tokens (
      name text primary key,
      hash text not null unique,
      scopes text not null,
      created_at bigint not null,
      last_used_at bigint)`,
    "create index cladmop_predictions_time on cladmop_predictions (created_at)",
    "create index cladmop_predictions_phase on cladmop_predictions (phase, seq)",
    "create index cladmop_predictions_label on cladmop_predictions (label, seq)",
    "create index cladmop_predictions_labelled on cladmop_predictions (model_sha256, trial) where label is not null",
    "create index cladmop_predictions_trial on cladmop_predictions (model_sha256, trial, seq)",
    "create index cladmop_labels_prediction on cladmop_labels (prediction)",
    ...(kind === "sqlite" ? TRIGRAMS_OF_SQLITE : TRIGRAMS_OF_POSTGRES),
  ];
}

/** What is written to see whether anything can be: see writes.ts. */
function second(): string[] {
  return ["create table cladmop_attempts (id integer primary key, filler text not null)"];
}

/** sqlite.org/fts5.html: 4.3.5 (trigrams), 4.4.3 (external content), 6.11 (secure-delete). */
const TRIGRAMS_OF_SQLITE = [
  `create virtual table cladmop_trigrams using fts5 (folded, content = 'cladmop_texts', content_rowid = 'seq',
    detail = none, columnsize = 0, tokenize = 'trigram case_sensitive 1')`,
  "insert into cladmop_trigrams (cladmop_trigrams, rank) values ('secure-delete', 1)",
  `create trigger cladmop_texts_added after insert on cladmop_texts begin
    insert into cladmop_trigrams (rowid, folded) values (new.seq, new.folded);
  end`,
  `create trigger cladmop_texts_removed after delete on cladmop_texts begin
    insert into cladmop_trigrams (cladmop_trigrams, rowid, folded) values ('delete', old.seq, old.folded);
  end`,
];

/** The index only makes searches quicker, and not every server has the extension or lets this user add it. */
const TRIGRAMS_OF_POSTGRES = [
  `do $$ begin
    create extension if not exists pg_trgm;
    create index cladmop_texts_trigrams on cladmop_texts using gin (folded gin_trgm_ops);
  exception when others then
    raise notice 'no index of trigrams: %', sqlerrm;
  end $$`,
];
