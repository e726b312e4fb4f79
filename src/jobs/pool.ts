import type { Watcher } from "../base/watcher.js";
import type { Ended, Failure, Job } from "./job.js";

/** Where jobs run: threads of this process, or workers at a queue. */
export interface Lanes<Payload, Result> {
  /** Jobs that are given to it at the same time. */
  readonly count: number;
  /**
   * @param at told what is being done for the job whenever that changes; undefined while nothing is
   * @throws where no job can be run any more
   */
  run(job: Job<Payload>, at: (detail: string | undefined) => void): Promise<Ended<Result>>;
  /** Asks the jobs at work to save and stop. */
  stop(): void;
  /** Lets go of everything, once no job is at work. */
  end(): Promise<void>;
}

export interface PoolOptions<Payload, Result> {
  readonly lanes: Lanes<Payload, Result>;
  /** An array; or jobs without needs, which are asked for one by one as lanes come free. */
  readonly jobs: readonly Job<Payload>[] | AsyncIterable<Job<Payload>>;
  readonly watcher: Watcher;
  /** Told of each job when it is done. */
  readonly done: (job: Job<Payload>, result: Result) => void | Promise<void>;
  /** Told of each job that failed, or that needs one that failed. */
  readonly failed: (job: Job<Payload>, failure: Failure) => void;
  /** Told which jobs are at work. */
  readonly progress: (working: readonly string[]) => void;
}

/** Milliseconds between two looks at whether the user wants to stop. */
const LOOK = 200;

/**
 * Runs jobs, several at a time, each as soon as those it needs are done. A job that fails leaves the others
 * to go on; those that need it fail, too. The lanes are ended at the end.
 * @returns whether the watcher stopped it; jobs at work are then asked to save and stop
 * @throws what a callback throws, such as on a full disk, what the jobs' source throws, and what the lanes
 *   throw, once the jobs at work have stopped
 */
export async function runPool<Payload, Result>({
  lanes,
  jobs,
  watcher,
  ...tell
}: PoolOptions<Payload, Result>): Promise<boolean> {
  const listed = Array.isArray(jobs) ? (jobs as readonly Job<Payload>[]) : [];
  const source = Array.isArray(jobs)
    ? undefined
    : (jobs as AsyncIterable<Job<Payload>>)[Symbol.asyncIterator]();
  const waiting = new Set(listed);
  const open = new Set(listed.map(({ id }) => id));
  const working = new Map<Job<Payload>, string>();
  let isStopping = false;
  /** Woken whenever a job ends: another may have become possible. */
  let sleeping: (() => void)[] = [];
  const wake = () => {
    for (const resolve of sleeping) resolve();
    sleeping = [];
  };
  const stop = () => {
    if (!isStopping) lanes.stop();
    isStopping = true;
    wake();
  };
  const at = (job: Job<Payload>, detail: string | undefined) => {
    if (detail === undefined) working.delete(job);
    else working.set(job, detail);
    tell.progress([...working].map(([{ name }, said]) => (said ? `${name}: ${said}` : name)));
  };
  const fail = (job: Job<Payload>, failure: Failure) => {
    waiting.delete(job);
    open.delete(job.id);
    tell.failed(job, failure);
    const message = `it needs ${job.name}, which failed: ${failure.message}`;
    for (const other of waiting)
      if (other.needs.includes(job.id)) fail(other, { ...failure, message });
  };

  /** The next job that may run, waited for where there is none yet; undefined after the last. */
  async function next(): Promise<Job<Payload> | undefined> {
    if (source) return (await source.next()).value;
    while (waiting.size > 0 && !isStopping) {
      const job = [...waiting].find(({ needs }) => needs.every((id) => !open.has(id)));
      if (job) {
        waiting.delete(job);
        return job;
      }
      await new Promise<void>((resolve) => sleeping.push(resolve));
    }
    return undefined;
  }

  /** Takes one job after the other, until none is left or the user wants to stop. */
  async function work(): Promise<void> {
    while (!isStopping) {
      if (watcher.stopping()) return stop();
      const job = await next();
      if (!job) return;
      const ended = await lanes.run(job, (detail) => at(job, detail));
      working.delete(job);
      if (ended.kind === "failed") fail(job, ended.failure);
      if (ended.kind === "done") {
        open.delete(job.id);
        await tell.done(job, ended.result);
      }
      wake();
    }
  }

  const looking = setInterval(() => {
    if (watcher.stopping()) stop();
  }, LOOK);
  const stopped = (error: unknown) => {
    stop();
    throw error;
  };
  const ends = await Promise.allSettled(
    Array.from({ length: lanes.count }, () => work().catch(stopped)),
  );
  clearInterval(looking);
  await source?.return?.();
  await lanes.end();
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  return isStopping;
}
