import { Worker } from "node:worker_threads";
import { messageOf } from "../base/error.js";
import type { Watcher } from "../base/watcher.js";

/** A piece of work for a thread. */
export interface Job<Payload> {
  readonly id: string;
  /** Ids of the jobs that must be done before. */
  readonly needs: readonly string[];
  /** In a few words. */
  readonly name: string;
  readonly payload: Payload;
}

export interface Failure {
  /** One line. */
  readonly message: string;
  /** All that is known, for a log. */
  readonly story: string;
}

/** What a thread of the pool tells. */
export type Told<Result> =
  | { readonly kind: "done"; readonly result: Result }
  | { readonly kind: "failed"; readonly failure: Failure; readonly interrupted: boolean }
  | { readonly kind: "progress"; readonly detail: string };

/** What a thread of the pool is told when it starts; then each message is a payload. */
export interface ThreadData<Options> {
  readonly options: Options;
  /** One 32-bit integer; 1 asks the thread to stop its job. */
  readonly stop: SharedArrayBuffer;
}

export interface PoolOptions<Options, Payload, Result> {
  /** Module that runs jobs in a thread. */
  readonly module: URL;
  readonly options: Options;
  readonly threads: number;
  readonly jobs: readonly Job<Payload>[];
  readonly watcher: Watcher;
  /** Told of each job when it is done. */
  readonly done: (job: Job<Payload>, result: Result) => void;
  /** Told of each job that failed, or that needs one that failed. */
  readonly failed: (job: Job<Payload>, failure: Failure) => void;
  /** Told what the threads are at. */
  readonly progress: (working: readonly string[]) => void;
}

/** Milliseconds between two looks at whether the user wants to stop. */
const LOOK = 200;

/**
 * Runs jobs in threads of their own, several at a time, each as soon as those it needs are done. A job
 * that fails, even by ending its thread, leaves the others to go on; those that need it fail, too.
 * @returns whether the watcher stopped it; jobs at work are then asked to save and stop
 * @throws what a callback throws, such as on a full disk, once the jobs at work have stopped
 */
export async function runPool<Options, Payload, Result>({
  module,
  options,
  threads,
  jobs,
  watcher,
  ...tell
}: PoolOptions<Options, Payload, Result>): Promise<boolean> {
  const stop = new SharedArrayBuffer(4);
  const asked = new Int32Array(stop);
  const waiting = new Set(jobs);
  const open = new Set(jobs.map(({ id }) => id));
  const working = new Map<Job<Payload>, string>();
  const isStopping = () => {
    if (watcher.stopping()) Atomics.store(asked, 0, 1);
    return Atomics.load(asked, 0) === 1;
  };
  /** Woken whenever a job ends: another may have become possible. */
  let sleeping: (() => void)[] = [];
  const wake = () => {
    for (const resolve of sleeping) resolve();
    sleeping = [];
  };
  const at = (job: Job<Payload>, detail: string) => {
    working.set(job, detail);
    tell.progress([...working].map(([{ name }, said]) => (said ? `${name}: ${said}` : name)));
  };
  const fail = (job: Job<Payload>, { message, story }: Failure) => {
    waiting.delete(job);
    open.delete(job.id);
    tell.failed(job, { message, story });
    for (const other of waiting)
      if (other.needs.includes(job.id))
        fail(other, { message: `it needs ${job.name}, which failed: ${message}`, story });
  };

  /** Takes one job after the other, until none is left or the user wants to stop. */
  async function work(): Promise<void> {
    let thread: Thread<Payload, Result> | undefined;
    try {
      while (waiting.size > 0 && !isStopping()) {
        const job = [...waiting].find(({ needs }) => needs.every((id) => !open.has(id)));
        if (!job) {
          await new Promise<void>((resolve) => sleeping.push(resolve));
          continue;
        }
        waiting.delete(job);
        if (!thread?.isAlive) thread = new Thread(module, { options, stop });
        at(job, "");
        const told = await thread.run(job.payload, (detail) => at(job, detail));
        working.delete(job);
        if (told.kind === "failed" && !told.interrupted) fail(job, told.failure);
        if (told.kind === "done") {
          open.delete(job.id);
          tell.done(job, told.result);
        }
        wake();
      }
    } finally {
      await thread?.end();
    }
  }

  const looking = setInterval(isStopping, LOOK);
  const stopped = (error: unknown) => {
    Atomics.store(asked, 0, 1);
    wake();
    throw error;
  };
  const ends = await Promise.allSettled(
    Array.from({ length: threads }, () => work().catch(stopped)),
  );
  clearInterval(looking);
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  return Atomics.load(asked, 0) === 1;
}

type Ended<Result> = Exclude<Told<Result>, { readonly kind: "progress" }>;

/** A thread that runs one job at a time. */
class Thread<Payload, Result> {
  isAlive = true;
  private readonly worker: Worker;
  private hear: (told: Told<Result>) => void = () => {};

  constructor(module: URL, workerData: ThreadData<unknown>) {
    this.worker = new Worker(module, { workerData });
    this.worker.on("message", (told: Told<Result>) => this.hear(told));
    const died = (message: string, story: string) => {
      this.isAlive = false;
      this.hear({ kind: "failed", failure: { message, story }, interrupted: false });
    };
    this.worker.on("error", (error) => died(messageOf(error), error.stack ?? "")); // out of memory, say
    this.worker.on("exit", (code) => died(`its thread ended (${code})`, ""));
  }

  run(payload: Payload, progress: (detail: string) => void): Promise<Ended<Result>> {
    return new Promise((resolve) => {
      this.hear = (told) => {
        if (told.kind === "progress") progress(told.detail);
        else resolve(told);
      };
      this.worker.postMessage(payload);
    });
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }
}
