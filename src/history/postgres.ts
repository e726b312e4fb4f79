import pg from "pg";
import { InputError, messageOf } from "../base/error.js";
import { type PostgresPlace, postgresFault, postgresPlace } from "../base/postgres.js";
import { retry, Transient } from "../base/retry.js";
import { type Database, type Query, storable, type Value } from "./database.js";
import { HistoryFault } from "./fault.js";

/** The connection was lost, or the server is just starting or stopping: it may be up again in a moment. */
const PASSING = /^(57P0[123]|08\w{3}|ECONNREFUSED|ECONNRESET|EPIPE)$/;
const LOST = /^(Connection terminated|Client has encountered a connection error|timeout exceeded)/;

/** Milliseconds after which a connection that is not made, and a statement that is not answered, is given up. */
const TO_CONNECT = 5000;
const TO_ANSWER = 30_000;

/** A PostgreSQL database. @throws InputError if the URL is none, HistoryFault if it cannot be reached */
export async function openPostgres(url: string): Promise<Database> {
  const database = new Postgres(postgresPlace(url, "--database"));
  try {
    await database.query("select 1");
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

class Postgres implements Database {
  readonly kind = "postgres";
  readonly name: string;
  private readonly pool: pg.Pool;

  constructor(private readonly place: PostgresPlace) {
    this.name = place.name;
    this.pool = new pg.Pool({
      ...place.config,
      max: 8,
      allowExitOnIdle: true,
      keepAlive: true,
      connectionTimeoutMillis: TO_CONNECT,
      query_timeout: TO_ANSWER,
      types: { getTypeParser },
    });
    this.pool.on("error", () => {}); // an idle connection was lost; the next statement makes another
  }

  readonly query: Query = (sql, values) => this.withClient((client) => rowsOf(client, sql, values));
  readonly read = this.query;

  transaction<T>(work: (query: Query) => Promise<T>): Promise<T> {
    return this.withClient(async (client) => {
      await client.query("begin");
      try {
        const result = await work((sql, values) => rowsOf(client, sql, values));
        await client.query("commit");
        return result;
      } catch (error) {
        await client.query("rollback").catch(() => {}); // the connection may be gone
        throw error;
      }
    });
  }

  /** Room of deleted rows is used again when the server's autovacuum has been there. */
  async scrub(): Promise<void> {}

  async close(): Promise<void> {
    await this.pool.end();
  }

  /** Work with a connection, done anew on another one if it is lost. */
  private async withClient<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    try {
      return await retry(() => this.once(work), {
        attempts: 6,
        firstWait: 100,
        longestWait: 1000,
      });
    } catch (error) {
      const cause = error instanceof Transient ? error.cause : error;
      if (cause instanceof InputError || !isOfDatabase(cause)) throw cause;
      throw HistoryFault.of(postgresFault(cause, this.place));
    }
  }

  private async once<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    let client: pg.PoolClient | undefined;
    let fault: unknown;
    const lost = () => {}; // told by the statement as well
    try {
      client = await this.pool.connect();
      client.on("error", lost);
      return await work(client);
    } catch (error) {
      fault = error;
      if (!isPassing(error)) throw error;
      const passing = new Transient(messageOf(error));
      passing.cause = error;
      throw passing;
    } finally {
      client?.off("error", lost);
      client?.release(fault !== undefined && isOfDatabase(fault)); // true: it is not used again
    }
  }
}

/** Rows as numbers: times in milliseconds and counts are below 2^53. */
const getTypeParser = ((oid: number, format?: "text") =>
  oid === pg.types.builtins.INT8
    ? Number
    : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser;

async function rowsOf<Row>(
  client: pg.ClientBase,
  sql: string,
  values?: readonly Value[],
): Promise<Row[]> {
  return (await client.query(sql, storable(values))).rows as Row[];
}

const codeOf = (error: unknown): string => String((error as { code?: unknown }).code ?? "");

const isPassing = (error: unknown): boolean =>
  PASSING.test(codeOf(error)) || LOST.test(messageOf(error));

/** Whether client or server tells it, not our own code. */
const isOfDatabase = (error: unknown): boolean =>
  error instanceof Error &&
  (codeOf(error) !== "" || LOST.test(error.message) || error.message === "Query read timeout");
