import { Worker } from "node:worker_threads";
import { messageOf } from "../base/error.js";
import type { Processor } from "../graph/index.js";
import type { Assignment, Ended } from "./job.js";

/** What the thread is told when it starts; then each message is a {@link Task}. */
export interface ThreadData {
  readonly assignment: Assignment<unknown>;
  readonly processor: Processor;
  /** One 32-bit integer; 1 asks the thread to stop its job. */
  readonly stop: SharedArrayBuffer;
}

export interface Task {
  readonly id: string;
  readonly payload: unknown;
}

/** What the thread tells. */
export type Told = Ended<unknown> | { readonly kind: "progress"; readonly detail: string };

/** A thread that runs the jobs of one assignment, one at a time. */
export class Thread {
  isAlive = true;
  private readonly worker: Worker;
  private hear: (told: Told) => void = () => {};

  constructor(workerData: ThreadData) {
    this.worker = new Worker(new URL("./inside.js", import.meta.url), { workerData });
    this.worker.on("message", (told: Told) => this.hear(told));
    const died = (message: string, story: string) => {
      this.isAlive = false;
      this.hear({ kind: "failed", failure: { message, story } });
    };
    this.worker.on("error", (error) => died(messageOf(error), error.stack ?? "")); // out of memory, say
    this.worker.on("exit", (code) => died(`its thread ended (${code})`, ""));
  }

  run(task: Task, progress: (detail: string) => void): Promise<Ended<unknown>> {
    return new Promise((resolve) => {
      this.hear = (told) => {
        if (told.kind === "progress") progress(told.detail);
        else resolve(told);
      };
      this.worker.postMessage(task);
    });
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }
}
