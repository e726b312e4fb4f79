import type { Processor } from "../graph/index.js";
import type { Assignment, Ended } from "./job.js";
import type { Lanes } from "./pool.js";
import { type Task, Thread } from "./thread.js";

/**
 * Threads of this process, for the jobs of any assignments. A thread is kept for further jobs of its
 * assignment, which then find read what they share, and ended where another assignment needs its place.
 */
export class Crew {
  readonly #stop = new SharedArrayBuffer(4);
  readonly #idle: { readonly key: string; readonly thread: Thread }[] = [];
  readonly #working = new Set<Thread>();

  /** @param count jobs that run at the same time */
  constructor(
    readonly count: number,
    private readonly processor: Processor,
  ) {}

  async run(
    assignment: Assignment<unknown>,
    task: Task,
    progress: (detail: string) => void,
  ): Promise<Ended<unknown>> {
    const key = JSON.stringify(assignment);
    const thread =
      (await this.#take(key)) ??
      new Thread({ assignment, processor: this.processor, stop: this.#stop });
    this.#working.add(thread);
    try {
      return await thread.run(task, progress);
    } finally {
      this.#working.delete(thread);
      this.#idle.push({ key, thread });
    }
  }

  /** An idle thread of the assignment; where there is none, one less of the others if all places are taken. */
  async #take(key: string): Promise<Thread | undefined> {
    const alive = this.#idle.filter(({ thread }) => thread.isAlive);
    const own = alive.findIndex((one) => one.key === key);
    const [found] = own >= 0 ? alive.splice(own, 1) : [];
    const [other] =
      !found && alive.length + this.#working.size >= this.count ? alive.splice(0, 1) : [];
    this.#idle.splice(0, this.#idle.length, ...alive);
    await other?.thread.end();
    return found?.thread;
  }

  /** Asks the jobs at work to save and stop. */
  stop(): void {
    Atomics.store(new Int32Array(this.#stop), 0, 1);
  }

  async end(): Promise<void> {
    for (const { thread } of this.#idle) await thread.end();
    for (const thread of this.#working) await thread.end();
  }
}

/** Lanes that are threads of this process. */
export function threadLanes<Payload, Result>(
  assignment: Assignment<unknown>,
  processor: Processor,
  count: number,
): Lanes<Payload, Result> {
  const crew = new Crew(count, processor);
  return {
    count,
    run(job, at) {
      at("");
      return crew.run(assignment, job, at) as Promise<Ended<Result>>;
    },
    stop: () => crew.stop(),
    end: () => crew.end(),
  };
}
