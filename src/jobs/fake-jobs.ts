import { appendFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { threadId } from "node:worker_threads";
import { Interrupted, type Watcher } from "../base/watcher.js";
import type { Processor } from "../graph/index.js";
import { Refused } from "./refused.js";

// Jobs for the tests. In a file of their own: a thread that imported the tests would run them.

export interface FakeOptions {
  /** Jobs at work now in this process, and the most that there were. */
  readonly present?: SharedArrayBuffer;
  /** Where each job says that it begins, and may find a file that it waits for. */
  readonly folder?: string;
  /** Jobs are refused unless this file is there. */
  readonly reads?: string;
}

export interface FakeWork {
  readonly does:
    | "double"
    | "fail"
    | "vanish"
    | "break"
    | "kill"
    | "vanish afterwards"
    | "meet"
    | "pause"
    | "hold"
    | "wait";
  readonly value: number;
}

const sleep = (time = 10) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, time);

export async function open(
  { present: shared = new SharedArrayBuffer(8), folder = "", reads }: FakeOptions,
  _processor: Processor,
  watcher: Watcher,
) {
  const present = new Int32Array(shared);
  if (reads && !existsSync(reads))
    throw new Refused("is absent", { file: reads, remedy: "Make it" });
  return async ({ does, value }: FakeWork): Promise<number> => {
    const now = Atomics.add(present, 0, 1) + 1;
    present[1] = Math.max(present[1]!, now);
    watcher.report({ stage: "at", done: value, total: 9 });
    if (folder) appendFileSync(join(folder, "begun"), `${value} ${process.pid} ${threadId}\n`);
    if (does === "vanish") process.exit(3); // ends the thread only
    if (does === "kill") process.kill(process.pid, "SIGKILL");
    if (does === "break") {
      setImmediate(() => {
        throw new RangeError("a fault");
      });
      await new Promise(() => {});
    }
    if (does === "meet") while (present[1]! < 2) sleep();
    if (does === "pause") sleep(300);
    if (does === "wait") while (!watcher.stopping()) sleep();
    if (does === "hold") while (!existsSync(join(folder, "release"))) sleep();
    Atomics.sub(present, 0, 1);
    if (does === "fail") throw Object.assign(new Error("too hard"), { stack: "all of it" });
    if (does === "wait") throw new Interrupted("nowhere");
    if (does === "vanish afterwards") setTimeout(() => process.exit());
    return 2 * value;
  };
}
