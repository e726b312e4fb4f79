import type { Prediction } from "../serving/answer.js";
import type { Draft } from "../trial/draft.js";
import type { Phase } from "../trial/index.js";
import type { HistoryEntry, HistoryRow, LabelInput, ModelVersion, Performance } from "./answer.js";

/** A prediction to be kept. */
export interface Kept {
  readonly draft: Draft;
  readonly prediction: Prediction;
  readonly model: ModelVersion;
}

/** What the history gave a prediction that it keeps. */
export interface Receipt {
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

/** What is looked for. All that is given must hold. */
export interface Search {
  /** Occurs, in whatever letter case, in title, NCT id, a condition, a drug or the criteria. */
  readonly text?: string | undefined;
  readonly phase?: Phase | undefined;
  readonly labelled?: boolean | undefined;
  readonly label?: 0 | 1 | undefined;
  /** Made then or later: ISO 8601. */
  readonly since?: string | undefined;
  /** The SHA-256 of a model. */
  readonly model?: string | undefined;
  /** Rows at most, 50 unless given, never more than {@link MOST_ROWS}. */
  readonly limit?: number | undefined;
  /** `next` of the page before. */
  readonly cursor?: string | undefined;
}

export const MOST_ROWS = 200;

export interface Found {
  /** Newest first. */
  readonly rows: HistoryRow[];
  /** The cursor of the next page; null: there is none. */
  readonly next: string | null;
}

export const SCOPES = ["read", "write"] as const;
export type Scope = (typeof SCOPES)[number];

export interface TokenInfo {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: string;
  /** To the minute. */
  readonly lastUsedAt: string | null;
}

/**
 * Past predictions, their labels, and the tokens that may ask. Everything throws {@link HistoryFault} where the
 * database fails.
 */
export interface History {
  /** Keeps a prediction: once this resolves, neither a kill nor a power cut loses it. */
  add(kept: Kept): Promise<Receipt>;
  /** Keeps many or, if it fails, none. Receipts are in their order. */
  addMany(kept: readonly Kept[]): Promise<Receipt[]>;
  get(id: string): Promise<HistoryEntry | undefined>;
  /** @throws InputError if a cursor is none of ours or `since` is no time */
  search(search: Search): Promise<Found>;
  /** Says what became of a trial, or with null that nothing is known. Undefined: there is no such prediction. */
  setLabel(id: string, input: LabelInput): Promise<HistoryRow | undefined>;
  /** Deletes a prediction with all that was said of it. False: there is no such prediction. */
  remove(id: string): Promise<boolean>;
  /** How past predictions did. `model` is a SHA-256. */
  performance(of?: { readonly model?: string | undefined }): Promise<Performance>;
  /** A new token: it is told here once, and kept as its hash. @throws InputError if the name is taken */
  addToken(token: { readonly name: string; readonly scopes: readonly Scope[] }): Promise<string>;
  listTokens(): Promise<TokenInfo[]>;
  /** False: there is no such token. */
  removeToken(name: string): Promise<boolean>;
  /** What a token may; undefined: it is none of ours. */
  scopesOf(token: string): Promise<readonly Scope[] | undefined>;
  /**
   * Whether the database answers and, once it could not keep something, takes things again: for a readiness check.
   * @throws HistoryFault if it does not
   */
  check(): Promise<void>;
  close(): Promise<void>;
}
