import { randomBytes } from "node:crypto";
import type { Database } from "./database.js";
import { HistoryFault } from "./fault.js";

/** What is written to see whether there is room: as much as a large prediction takes, and not to be compressed. */
const FILLER = 64 * 1024;

/**
 * Whether a database takes what is to be kept. It may answer questions and yet take nothing, as on a full disk: so
 * once a write has failed, {@link check} makes one of its own, until that succeeds.
 */
export class Writes {
  private failed = false;

  constructor(private readonly database: Database) {}

  /** What a write gives; remembers it if the database fails. */
  async watch<T>(write: Promise<T>): Promise<T> {
    try {
      return await write;
    } catch (error) {
      if (error instanceof HistoryFault) this.failed = true;
      throw error;
    }
  }

  /** @throws HistoryFault if the database does not answer, or takes nothing since a write failed */
  async check(): Promise<void> {
    await this.database.query("select 1");
    if (!this.failed) return;
    await this.attempt();
    this.failed = false;
  }

  private async attempt(): Promise<void> {
    const { query } = this.database;
    await query(
      "insert into cladmop_attempts (id, filler) values (1, $1) on conflict (id) do update set filler = excluded.filler",
      [randomBytes(FILLER / 2).toString("hex")],
    );
    await query("delete from cladmop_attempts");
  }
}
