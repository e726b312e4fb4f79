import { randomBytes, timingSafeEqual } from "node:crypto";
import { InputError } from "../base/error.js";
import { sha256 } from "../base/file.js";
import type { Database } from "./database.js";
import { SCOPES, type Scope, type TokenInfo } from "./history.js";

/** Lets a token be recognised where it should not be, such as in a repository. */
const PREFIX = "cladmop_";
/** Milliseconds between two notes that a token was used. */
const MINUTE = 60_000;

/**
 * Who may ask. What is stored of a token is its SHA-256: of 256 random bits that cannot be turned back or guessed, so
 * no slow hash is needed.
 */
export class Tokens {
  constructor(private readonly database: Database) {}

  /** @throws InputError if it has no name, or another one has it */
  async add(name: string, scopes: readonly Scope[]): Promise<string> {
    if (name.trim() === "")
      throw new InputError("a token has a name", { remedy: "Say whose it is, to tell it by" });
    const token = `${PREFIX}${randomBytes(32).toString("base64url")}`;
    const ordered = SCOPES.filter((scope) => scopes.includes(scope));
    const hash = sha256(token);
    await this.database.transaction(async (query) => {
      await query(
        `insert into cladmop_tokens (name, hash, scopes, created_at)
          values ($1, $2, $3, $4) on conflict (name) do nothing`,
        [name, hash, ordered.join(), Date.now()],
      );
      const [kept] = await query<{ hash: string }>(
        "select hash from cladmop_tokens where name = $1",
        [name],
      );
      if (kept?.hash !== hash)
        throw new InputError(`there is a token "${name}" already`, {
          remedy: "Choose another name, or remove that one",
        });
    });
    return token;
  }

  async list(): Promise<TokenInfo[]> {
    const rows = await this.database.query<{
      name: string;
      scopes: string;
      created_at: number;
      last_used_at: number | null;
    }>(
      "select name, scopes, created_at, last_used_at from cladmop_tokens order by created_at, name",
    );
    return rows.map((row) => ({
      name: row.name,
      scopes: scopesIn(row.scopes),
      createdAt: new Date(row.created_at).toISOString(),
      lastUsedAt: row.last_used_at === null ? null : new Date(row.last_used_at).toISOString(),
    }));
  }

  async remove(name: string): Promise<boolean> {
    const removed = await this.database.query(
      "delete from cladmop_tokens where name = $1 returning name",
      [name],
    );
    return removed.length > 0;
  }

  /** The index compares hashes, of which whoever guesses tokens chooses no part; still they are compared in constant time. */
  async scopesOf(token: string): Promise<readonly Scope[] | undefined> {
    if (!token.startsWith(PREFIX)) return undefined;
    const hash = sha256(token);
    const [row] = await this.database.query<{
      hash: string;
      scopes: string;
      last_used_at: number | null;
    }>("select hash, scopes, last_used_at from cladmop_tokens where hash = $1", [hash]);
    if (row === undefined || !timingSafeEqual(Buffer.from(row.hash), Buffer.from(hash)))
      return undefined;
    const now = Date.now();
    if (row.last_used_at === null || now - row.last_used_at >= MINUTE)
      await this.database.query("update cladmop_tokens set last_used_at = $1 where hash = $2", [
        now,
        hash,
      ]);
    return scopesIn(row.scopes);
  }
}

const scopesIn = (text: string): Scope[] =>
  SCOPES.filter((scope) => text.split(",").includes(scope));
