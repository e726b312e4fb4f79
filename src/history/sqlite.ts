import { closeSync, openSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Worker } from "node:worker_threads";
import { messageOf } from "../base/error.js";
import { makeFolder } from "../base/file.js";
import { type Database, type Query, storable, type Value } from "./database.js";
import { HistoryFault } from "./fault.js";
import type { Answer, Statement } from "./sqlite-thread.js";

/** Faults by SQLite's primary result code. */
const FAULTS: Readonly<Record<number, readonly [problem: string, remedy: string]>> = {
  3: ["cannot be used", "Check the permissions of the file and its folder"],
  5: ["is locked by another process", "Wait for it, or stop it"],
  6: ["is locked by another process", "Wait for it, or stop it"],
  8: ["lets nothing be written", "Check the permissions of the file and its folder"],
  10: ["cannot be read or written", "Check the disk"],
  11: ["is damaged", "Restore a copy of it, or name another file"],
  13: ["cannot grow: the disk is full", "Free space on it"],
  14: ["cannot be opened", "Check the path and its permissions"],
  26: ["is no SQLite database", "Restore a copy of it, or name another file"],
};

/**
 * An SQLite file, made for its owner's eyes alone if there is none, in a thread of its own.
 * @throws HistoryFault if it cannot be opened
 */
export async function openSqlite(path: string): Promise<Database> {
  const file = resolve(path);
  try {
    makeFolder(dirname(file));
    closeSync(openSync(file, "a", 0o600));
  } catch (error) {
    throw fault(file, 14, messageOf(error));
  }
  const database = new Sqlite(file);
  try {
    await database.query("select count(*) from sqlite_schema");
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

function fault(file: string, code: number | undefined, message: string): Error {
  const [problem, remedy] = FAULTS[code ?? 0] ?? [];
  if (problem === undefined) return new Error(`${file}: ${message}`);
  return new HistoryFault(`${problem} (${message})`, { file, remedy: remedy! });
}

/** A connection in a thread of its own. */
class Connection {
  private readonly worker: Worker;
  /** Of statements that were sent, in their order, which is that of their answers. */
  private readonly waiting: ((answer: Answer) => void)[] = [];
  private readonly ended: Promise<void>;
  private isOpen = true;

  constructor(private readonly file: string) {
    this.worker = new Worker(new URL("./sqlite-thread.js", import.meta.url), { workerData: file });
    this.worker.unref(); // what is idle keeps no process from ending
    this.worker.on("message", (answer: Answer) => {
      this.waiting.shift()?.(answer);
      if (this.waiting.length === 0) this.worker.unref();
    });
    let message = CLOSED;
    this.worker.on("error", (error) => {
      message = messageOf(error); // out of memory, say
    });
    this.ended = new Promise((resolve) => {
      this.worker.on("exit", () => {
        this.isOpen = false;
        for (const answer of this.waiting.splice(0)) answer({ message, code: 10 });
        resolve();
      });
    });
  }

  readonly query: Query = async <Row>(sql: string, values?: readonly Value[]) => {
    const answer = await new Promise<Answer>((resolve) => {
      if (!this.isOpen) return resolve({ message: CLOSED, code: 10 });
      this.waiting.push(resolve);
      this.worker.ref();
      this.worker.postMessage({ sql, values: storable(values) } satisfies Statement);
    });
    if ("rows" in answer) return answer.rows as Row[];
    throw fault(this.file, answer.code, answer.message);
  };

  /** Ends when what was sent before is answered. */
  async close(): Promise<void> {
    if (this.isOpen) {
      this.worker.ref();
      this.worker.postMessage("close" satisfies Statement | "close");
    }
    await this.ended;
  }
}
const CLOSED = "the history is closed";

class Sqlite implements Database {
  readonly kind = "sqlite";
  private readonly connection: Connection;
  private readonly reader: Connection;
  /** Ends when whoever has the connection lets it go. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(readonly name: string) {
    this.connection = new Connection(name);
    this.reader = new Connection(name);
    this.read = this.reader.query;
  }

  readonly read: Query;
  readonly query: Query = (sql, values) => this.inTurn(() => this.connection.query(sql, values));

  transaction<T>(work: (query: Query) => Promise<T>): Promise<T> {
    const { query } = this.connection;
    return this.inTurn(async () => {
      await query("begin immediate");
      try {
        const result = await work(query);
        await query("commit");
        return result;
      } catch (error) {
        await query("rollback").catch(() => {}); // a full disk has rolled it back
        throw error;
      }
    });
  }

  /** What was written lies in the log, too, until it is brought to the file; other processes may be reading it. */
  async scrub(): Promise<void> {
    await this.query("pragma wal_checkpoint(truncate)");
  }

  async close(): Promise<void> {
    await this.turn;
    await this.reader.close();
    await this.connection.close();
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(work);
    this.turn = mine.catch(() => {});
    return mine;
  }
}
