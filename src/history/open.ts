import { homedir } from "node:os";
import { join } from "node:path";
import { InputError } from "../base/error.js";
import type { Database } from "./database.js";
import type { History } from "./history.js";
import { migrate } from "./migrations.js";
import { performanceOf } from "./performance.js";
import { Predictions } from "./predictions.js";
import { searchIn } from "./search.js";
import { openSqlite } from "./sqlite.js";
import { Tokens } from "./tokens.js";
import { Writes } from "./writes.js";

/** The file that keeps the history unless another database is named. */
export function defaultHistory(): string {
  const data = process.env.XDG_DATA_HOME || join(homedir(), ".local", "share");
  return join(data, "cladmop", "history.sqlite");
}

/**
 * The history in a database, whose tables are made or brought up to date.
 * @param url postgres://user@host:port/database, or the path of an SQLite file, which is made if there is none
 * @throws InputError naming the database, never its password, if the URL is wrong or a newer program made its tables;
 *   HistoryFault if it cannot be opened
 */
export async function openHistory(url: string): Promise<History> {
  const database = await openDatabase(url);
  try {
    await migrate(database);
  } catch (error) {
    await database.close();
    throw error;
  }
  return historyIn(database);
}

/** The database that a URL or a path names, as it is. @throws see {@link openHistory} */
export async function openDatabase(url: string): Promise<Database> {
  if (/^postgres(ql)?:/i.test(url)) return await (await import("./postgres.js")).openPostgres(url);
  // What looks like a URL may hold a password, so it is not repeated.
  if (url === "" || /^[a-z][a-z0-9+.-]+:\/\//i.test(url))
    throw new InputError("is neither a PostgreSQL database nor a file", {
      field: "--database",
      remedy: "Write postgres://user@host:5432/database, or the path of an SQLite file",
    });
  return await openSqlite(url);
}

/** The history in a database whose tables are up to date. */
export function historyIn(database: Database): History {
  const predictions = new Predictions(database);
  const tokens = new Tokens(database);
  const writes = new Writes(database);
  return {
    add: async (kept) => (await writes.watch(predictions.addMany([kept])))[0]!,
    addMany: (kept) => writes.watch(predictions.addMany(kept)),
    get: (id) => predictions.get(id),
    search: (search) => searchIn(database, search),
    setLabel: (id, input) => writes.watch(predictions.setLabel(id, input)),
    remove: (id) => writes.watch(predictions.remove(id)),
    performance: ({ model } = {}) => performanceOf(database, model),
    addToken: ({ name, scopes }) => tokens.add(name, scopes),
    listTokens: () => tokens.list(),
    removeToken: (name) => tokens.remove(name),
    scopesOf: (token) => tokens.scopesOf(token),
    check: () => writes.check(),
    close: () => database.close(),
  };
}
