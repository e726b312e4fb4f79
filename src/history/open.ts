import { homedir } from "node:os";
import { join } from "node:path";
import { InputError } from "../base/error.js";
import type { History } from "./history.js";

/** The file that keeps the history unless another database is named. */
export function defaultHistory(): string {
  const data = process.env.XDG_DATA_HOME || join(homedir(), ".local", "share");
  return join(data, "cladmop", "history.sqlite");
}

/**
 * The history in a database, whose tables are made or brought up to date.
 * @param url postgres://user@host:port/database, or the path of an SQLite file, which is made if there is none
 * @throws InputError naming the database, never its password, if it cannot be opened or is newer than this program
 */
export async function openHistory(url: string): Promise<History> {
  throw new InputError("not yet", { file: url, remedy: "Wait" });
}
