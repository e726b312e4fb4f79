import { Worker } from "node:worker_threads";
import type { Progress, Watcher } from "../base/watcher.js";
import { type ProgressView, progressView } from "./progress.js";

/** A long job: takes settings that can be sent to a thread, returns a result that can. */
export type Job = (options: never, watcher: Watcher) => unknown;

/** What the thread is told when it starts. */
export interface Assignment {
  /** URL of the module that exports the job. */
  readonly module: string;
  readonly name: string;
  readonly options: unknown;
  /** One 32-bit integer; 1 asks the job to stop. Shared: the thread reads no messages while it computes. */
  readonly stop: SharedArrayBuffer;
}

/** What the thread tells. */
export type Message =
  | { readonly kind: "progress"; readonly progress: Progress }
  | { readonly kind: "line"; readonly line: string }
  | { readonly kind: "result"; readonly result: unknown }
  | { readonly kind: "failure"; readonly failure: Failure };

/** What is kept of an error on its way between threads; its class is not. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: string | undefined;
  readonly path: string | undefined;
}

/** Signals within this many milliseconds of the first are the same Ctrl-C, passed on by npx. */
const ECHO = 1000;

/**
 * Runs the function `name` of a module in a worker thread and shows its progress. Ctrl-C (or SIGTERM)
 * asks it to finish its step, save and stop; a second one ends the process at once.
 * @throws what the job throws, with its name and message but not its class
 */
export async function inThread<J extends Job>(
  module: URL,
  name: string,
  options: Parameters<J>[0],
  view: ProgressView = progressView(),
): Promise<Awaited<ReturnType<J>>> {
  const stop = new SharedArrayBuffer(4);
  const asked = new Int32Array(stop);
  const assignment: Assignment = { module: module.href, name, options, stop };
  const worker = new Worker(new URL("./thread.js", import.meta.url), { workerData: assignment });

  const signals = ["SIGINT", "SIGTERM"] as const;
  const release = () => {
    // Without a listener the system's own action is back: the process ends.
    for (const signal of signals) process.off(signal, askToStop);
  };
  function askToStop(): void {
    if (Atomics.exchange(asked, 0, 1) === 1) return;
    view.say("Stopping after this step. Ctrl-C again ends at once, back to the last checkpoint.");
    setTimeout(release, ECHO).unref();
  }
  for (const signal of signals) process.on(signal, askToStop);

  try {
    return await new Promise((resolve, reject) => {
      worker.on("message", (message: Message) => {
        if (message.kind === "progress") view.report(message.progress);
        else if (message.kind === "line") view.say(message.line);
        else if (message.kind === "result") resolve(message.result as Awaited<ReturnType<J>>);
        else reject(Object.assign(new Error(), message.failure));
      });
      worker.on("error", reject); // such as running out of memory
      worker.on("exit", (code) => reject(new Error(`${name} ended without a result (${code})`)));
    });
  } finally {
    // The echo of a Ctrl-C may come after the job has stopped: then the timer ends the listening.
    if (Atomics.load(asked, 0) === 0) release();
    view.end();
  }
}
