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
 * that fails, even by ending its thread, leaves the others to go on.
 * @returns whether the watcher stopped it; jobs at work are then asked to save and stop
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
  const failed = new Set<string>();
  const working = new Map<Job<Payload>, string>();
  const fail = (job: Job<Payload>, failure: Failure) => {
    failed.add(job.id);
    open.delete(job.id);
    tell.failed(job, failure);
  };

  const atWork = () =>
    [...working].map(([{ name }, detail]) => (detail === "" ? name : `${name}: ${detail}`));

  /** The next job whose needs are met; those that need a failed one fail. */
  function next(): Job<Payload> | undefined {
    for (const job of waiting) {
      const broken = job.needs.find((id) => failed.has(id));
      if (broken !== undefined) {
        waiting.delete(job);
        const name = jobs.find(({ id }) => id === broken)!.name;
        fail(job, { message: `it needs ${name}, which failed`, story: "" });
      } else if (job.needs.every((id) => !open.has(id))) {
        waiting.delete(job);
        return job;
      }
    }
    return undefined;
  }

  /** One job in a thread. */
  function run(worker: Worker, job: Job<Payload>): Promise<"lives" | "dead"> {
    return new Promise((resolve) => {
      const end = (thread: "lives" | "dead", finish: () => void) => {
        for (const [event, listener] of Object.entries(listeners)) worker.off(event, listener);
        working.delete(job);
        finish();
        resolve(thread);
      };
      const died = (message: string, story: string) =>
        end("dead", () => fail(job, { message, story }));
      // Taken off one by one: Worker has listeners of its own, without which it hears no messages.
      const listeners = {
        message: (told: Told<Result>) => {
          if (told.kind === "progress") {
            working.set(job, told.detail);
            tell.progress(atWork());
          } else if (told.kind === "failed") {
            end("lives", () => {
              if (!told.interrupted) fail(job, told.failure);
            });
          } else {
            end("lives", () => {
              open.delete(job.id);
              tell.done(job, told.result);
            });
          }
        },
        error: (error: Error) => died(messageOf(error), error.stack ?? ""), // out of memory, say
        exit: (code: number) => died(`its thread ended (${code})`, ""),
      };
      for (const [event, listener] of Object.entries(listeners)) worker.on(event, listener);
      worker.postMessage(job.payload);
    });
  }

  const looking = setInterval(() => {
    if (watcher.stopping()) Atomics.store(asked, 0, 1);
  }, LOOK);
  /** Woken whenever a job ends: another may have become possible. */
  let wake: (() => void)[] = [];
  async function work(): Promise<void> {
    let worker: Worker | undefined;
    while (Atomics.load(asked, 0) === 0) {
      const job = next();
      if (!job) {
        if (waiting.size === 0) break;
        await new Promise<void>((resolve) => wake.push(resolve));
        continue;
      }
      worker ??= new Worker(module, {
        workerData: { options, stop } satisfies ThreadData<Options>,
      });
      working.set(job, "");
      tell.progress(atWork());
      if ((await run(worker, job)) === "dead") worker = undefined;
      for (const resolve of wake) resolve();
      wake = [];
    }
    await worker?.terminate();
  }
  try {
    await Promise.all(Array.from({ length: threads }, work));
  } finally {
    clearInterval(looking);
  }
  return Atomics.load(asked, 0) === 1;
}
