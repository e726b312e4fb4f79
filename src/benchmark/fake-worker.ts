/** A thread for the tests of pool.ts, in a file of its own: a thread that imported the tests would run them. */
import { parentPort, workerData } from "node:worker_threads";
import type { ThreadData, Told } from "./pool.js";

export interface FakeWork {
  readonly does:
    | "double"
    | "fail"
    | "vanish"
    | "break"
    | "vanish afterwards"
    | "meet"
    | "pause"
    | "wait";
  readonly value: number;
}

const { options, stop } = workerData as ThreadData<{ readonly present: SharedArrayBuffer }>;
const asked = new Int32Array(stop);
/** Jobs at work now, and the most that there were. */
const present = new Int32Array(options.present);
const tell = (told: Told<number>) => parentPort!.postMessage(told);
const sleep = (time = 10) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, time);

parentPort!.on("message", ({ does, value }: FakeWork) => {
  const now = Atomics.add(present, 0, 1) + 1;
  present[1] = Math.max(present[1]!, now);
  tell({ kind: "progress", detail: `at ${value}` });
  if (does === "vanish") process.exit(3); // ends the thread only
  if (does === "break") throw new RangeError("a fault");
  if (does === "meet") while (present[1]! < 2) sleep();
  if (does === "pause") sleep(300);
  if (does === "wait") while (Atomics.load(asked, 0) === 0) sleep();
  Atomics.sub(present, 0, 1);
  if (does === "fail" || does === "wait") {
    const failure = { message: "too hard", story: "all of it" };
    tell({ kind: "failed", failure, interrupted: does === "wait" });
  } else {
    tell({ kind: "done", result: 2 * value });
  }
  if (does === "vanish afterwards") setTimeout(() => process.exit());
});
