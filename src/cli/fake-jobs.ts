import { InputError } from "../base/error.js";
import { Interrupted, type Watcher } from "../base/watcher.js";

// Jobs for the tests of in-thread.ts. In a file of their own: a thread or process that imported the
// tests would run them.

export async function double(n: number, watcher: Watcher): Promise<number> {
  watcher.report({ stage: "Doubling", done: 1, total: 2 });
  watcher.say("half done");
  return 2 * n;
}

export async function refuse(): Promise<never> {
  throw new InputError("is empty", { file: "a.csv", row: 3, remedy: "Fill it" });
}

export async function fail(): Promise<never> {
  throw new RangeError("a fault");
}

export async function vanish(): Promise<never> {
  process.exit(0); // ends the thread only
}

/** Computes without ever returning to its event loop, until asked to stop; with "never", not even then. */
export async function compute(until: "stop" | "never", watcher: Watcher): Promise<never> {
  watcher.say("computing");
  while (until === "never" || !watcher.stopping());
  throw new Interrupted("runs/x");
}
