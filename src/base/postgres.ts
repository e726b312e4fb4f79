import pg from "pg";
import { InputError, messageOf } from "./error.js";

/** A PostgreSQL database as a user names it. */
export interface PostgresPlace {
  readonly config: pg.ClientConfig;
  /** The database as it is named in messages: without user and password. */
  readonly name: string;
  /** The option that names it, for remedies. */
  readonly option: string;
  /** What no message may hold; of the URL or the environment. */
  readonly password: string | undefined;
}

/**
 * @param url postgres://user@host:port/database; a password may come from PGPASSWORD or ~/.pgpass
 * @throws InputError that does not repeat the URL, since it may hold a password
 */
export function postgresPlace(url: string, option: string): PostgresPlace {
  const { protocol, hostname, pathname } = URL.canParse(url) ? new URL(url) : new URL("none:");
  // A stray "/", "#" or "?" of a password would move the rest of it into these parts.
  if (!/^postgres(ql)?:$/.test(protocol) || hostname === "" || !/^\/[^/@:]+$/.test(pathname))
    throw new InputError("is not the URL of a PostgreSQL database", {
      field: option,
      remedy:
        "Write postgres://user@host:5432/database; a password goes into PGPASSWORD, or percent-encoded after the user",
    });
  const config = { connectionString: url, application_name: "cladmop" };
  // Only asked what it understood.
  const { host, port, database, password } = new pg.Client(config) as pg.Client & {
    readonly password?: unknown;
  };
  return {
    config,
    name: `postgres://${host}:${port}/${database ?? ""}`,
    option,
    password: typeof password === "string" && password !== "" ? password : undefined,
  };
}

/** Faults of a database by their code: SQLSTATE, or the system's. */
const FAULTS: readonly (readonly [RegExp, problem: string, remedy: string])[] = [
  [/^28/, "refuses the user or the password", "Correct them in OPTION, or set PGPASSWORD"],
  [/^3D000/, "there is no such database", "Correct the name at the end of OPTION"],
  [/^42501/, "does not let this user do it", "Grant the user what is named, or give another"],
  [/^53100/, "the server's disk is full", "Free space on it"],
  [/^53300/, "the server has no connection left", "End others, or raise its max_connections"],
  [/^25006/, "lets nothing be written", "Name the primary server in OPTION, no copy of it"],
  [
    /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)$/,
    "the server cannot be reached",
    "Check host and port in OPTION, and that the server is up",
  ],
];

/** What a fault that client or server tells means, in words that hold no password. */
export function postgresFault(error: unknown, place: PostgresPlace): InputError {
  if (error instanceof InputError) return error;
  const { name, option, password } = place;
  const code = (error as { code?: unknown }).code;
  const [, problem, remedy] = FAULTS.find(
    ([pattern]) => typeof code === "string" && pattern.test(code),
  ) ?? [undefined, "cannot be used", "Check OPTION and the server's log, then start again"];
  // PostgreSQL's messages hold no password; the client's are made to hold none.
  const said = messageOf(error) || String(code);
  const safe = password === undefined ? said : said.replaceAll(password, "***");
  return new InputError(`${problem} (${safe})`, {
    file: name,
    remedy: remedy.replace("OPTION", option),
  });
}
