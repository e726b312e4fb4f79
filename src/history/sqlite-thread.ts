/**
 * What runs in the thread of an SQLite file, whose calls do not return before the disk has done its work: statements
 * as they are told, one after the other.
 */
import { parentPort, workerData } from "node:worker_threads";
import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";
import { messageOf } from "../base/error.js";
import type { Value } from "./database.js";

export interface Statement {
  readonly sql: string;
  readonly values: readonly Value[];
}

/** The rows of a statement, or what went wrong with SQLite's code for it. */
export type Answer =
  | { readonly rows: unknown[] }
  | { readonly message: string; readonly code: number | undefined };

/** Milliseconds that a statement waits for another process's lock. */
const PATIENCE = 5000;

const BUSY = 5;
let database: DatabaseSyncInstance | undefined;

function open(): DatabaseSyncInstance {
  const opened = new DatabaseSync(workerData as string, { timeout: PATIENCE });
  for (const end = Date.now() + PATIENCE; ; pause(20)) {
    try {
      // Full: a commit is on the disk before it returns. WAL: readers do not wait for it.
      opened.exec(
        "pragma journal_mode = wal; pragma synchronous = full; pragma secure_delete = on",
      );
      return opened;
    } catch (error) {
      // SQLite itself does not wait for another process that turns to WAL at the same time.
      if (codeOf(error) === BUSY && Date.now() < end) continue;
      opened.close();
      throw error;
    }
  }
}

const pause = (milliseconds: number) =>
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);

/** What SQLite says of its codes: `all` of a statement does not give the code itself. */
const SAID: readonly (readonly [RegExp, code: number])[] = [
  [/locked/, BUSY],
  [/readonly/, 8],
  [/disk I\/O error/, 10],
  [/malformed|corrupt/, 11],
  [/is full/, 13],
  [/unable to open/, 14],
  [/not a database/, 26],
];

/** SQLite's primary result code (sqlite.org/rescode.html). */
function codeOf(error: unknown): number | undefined {
  const { errcode } = error as { errcode?: number };
  if (errcode !== undefined) return errcode & 0xff;
  const message = messageOf(error);
  return SAID.find(([pattern]) => pattern.test(message))?.[1];
}

function answer({ sql, values }: Statement): Answer {
  try {
    database ??= open();
    const named = Object.fromEntries(values.map((value, i) => [`$${i + 1}`, value]));
    return { rows: database.prepare(sql).all(named) };
  } catch (error) {
    return { message: messageOf(error), code: codeOf(error) };
  }
}

parentPort!.on("message", (statement: Statement | "close") => {
  if (statement !== "close") parentPort!.postMessage(answer(statement));
  else {
    database?.close();
    parentPort!.close();
  }
});
