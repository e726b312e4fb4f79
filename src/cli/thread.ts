/** What runs in the worker thread of {@link inThread}: one job, its progress and its end told as messages. */
import { parentPort, workerData } from "node:worker_threads";
import { messageOf } from "../base/error.js";
import type { Watcher } from "../base/watcher.js";
import type { Assignment, Failure, Message } from "./in-thread.js";

const { module, name, options, stop } = workerData as Assignment;
const tell = (message: Message) => parentPort!.postMessage(message);
const flag = new Int32Array(stop);
const watcher: Watcher = {
  report: (progress) => tell({ kind: "progress", progress }),
  say: (line) => tell({ kind: "line", line }),
  stopping: () => Atomics.load(flag, 0) === 1,
};

try {
  const jobs = (await import(module)) as Record<
    string,
    (options: unknown, watcher: Watcher) => Promise<unknown>
  >;
  tell({ kind: "result", result: await jobs[name]!(options, watcher) });
} catch (error) {
  tell({ kind: "failure", failure: failureOf(error) });
}

function failureOf(error: unknown): Failure {
  const { name = "Error", stack, code, path } = error as Partial<NodeJS.ErrnoException>;
  return { name, message: messageOf(error), stack, code, path };
}
