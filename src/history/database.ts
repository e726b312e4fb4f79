/** What a column may hold, in either database. */
export type Value = string | number | null;

/** The rows of one statement with parameters $1, $2, … */
export type Query = <Row>(sql: string, values?: readonly Value[]) => Promise<Row[]>;

/** What the history needs of a database. One set of SQL serves both kinds, but for {@link Database.kind}. */
export interface Database {
  /** For types of columns and the index of texts, the only differences. */
  readonly kind: "sqlite" | "postgres";
  /** As it is named in messages. */
  readonly name: string;
  /** One statement, a transaction of its own. @throws HistoryFault if the database fails */
  readonly query: Query;
  /** One statement that only reads and may take long: other statements do not wait for it. */
  readonly read: Query;
  /**
   * Statements that take effect together or not at all. They may be done anew if the connection is lost, so they
   * must be harmless where the first time took effect after all.
   * @throws HistoryFault if the database fails, and what `work` throws
   */
  transaction<T>(work: (query: Query) => Promise<T>): Promise<T>;
  /** Lets no trace of deleted rows lie about, as far as the database can. */
  scrub(): Promise<void>;
  close(): Promise<void>;
}

/** Values as both databases take them: PostgreSQL keeps no NUL in a text. */
export const storable = (values: readonly Value[] = []): Value[] =>
  values.map((value) => (typeof value === "string" ? value.replaceAll("\0", "\ufffd") : value));
