import { sha256 } from "../base/file.js";
import type { Assignment } from "./job.js";

/** Name of the one queue on a Redis. */
export const QUEUE = "cladmop";

/** How often a job that throws is tried. */
export const ATTEMPTS = 3;
/** How often a job may lose its worker and be tried again: another time, and it may be what kills them. */
export const STALLS = 1;

/** What stands in the queue for a job; everything large is in the shared place. */
export interface Message {
  readonly id: string;
  /** SHA-256 of the submitter's program. */
  readonly code: string;
  readonly place: string;
  /** SHA-256 of the assignment, in the place. */
  readonly assignment: string;
  /** Worker → why it refused the job. */
  readonly refused: Readonly<Record<string, string>>;
}

/** What a worker tells of a job at work. */
export interface At {
  readonly worker: string;
  readonly detail: string;
}

/** What a worker says of a job that is done: the result, unless it is kept in the shared place. */
export interface Returned {
  readonly isKept: boolean;
  readonly result?: unknown;
}

export const assignmentFile = (hash: string): string => `assignments/${hash}.json`;
export const payloadFile = (id: string): string => `payloads/${id}.json`;

/** An assignment as text, and its hash. */
export function sealed(assignment: Assignment<unknown>): { text: string; hash: string } {
  const text = JSON.stringify(assignment);
  return { text, hash: sha256(text) };
}
