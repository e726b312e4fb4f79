import type { Watcher } from "../base/watcher.js";
import type { Processor } from "../graph/index.js";

/** A piece of work, for a thread of this process or of another machine. */
export interface Job<Payload> {
  /** Names the result: a hash of everything that decides it. A job whose result is in files may have any. */
  readonly id: string;
  /** Ids of the jobs that must be done before. */
  readonly needs: readonly string[];
  /** In a few words. */
  readonly name: string;
  /** What JSON can hold. */
  readonly payload: Payload;
}

export interface Failure {
  /** Of the error, such as "InputError". */
  readonly name?: string | undefined;
  /** One line. */
  readonly message: string;
  /** All that is known, for a log. */
  readonly story: string;
}

/** How a job ended. */
export type Ended<Result> =
  /** Kept: in the shared place, where the next one who asks finds it. */
  | { readonly kind: "done"; readonly result: Result; readonly isKept: boolean }
  | { readonly kind: "failed"; readonly failure: Failure }
  /** It was asked to save and stop. */
  | { readonly kind: "stopped" };

/** What the jobs of one run share. */
export interface Assignment<Options> {
  /** File of the program that runs them, such as "benchmark/jobs.js". It is a {@link JobModule}. */
  readonly module: string;
  /** What JSON can hold. Paths are those of every machine that works on it. */
  readonly options: Options;
  /** Where results are kept, see `openBlobs`. */
  readonly place: string;
}

/**
 * Gets ready, in a thread, for the jobs of an assignment, and returns what runs one of them: to a result
 * that JSON can hold, or to undefined where the result is in files.
 * @throws Refused where this machine lacks what they read, Interrupted if the watcher stops it
 */
export type OpenJobs<Options, Payload, Result> = (
  options: Options,
  processor: Processor,
  watcher: Watcher,
) => Promise<(payload: Payload) => Promise<Result>>;

/** What the module of an assignment exports. */
export interface JobModule {
  readonly open: OpenJobs<unknown, unknown, unknown>;
  /** Whether results are in files, and what is returned is a few words about them: it is not kept. */
  readonly inFiles?: boolean;
}
