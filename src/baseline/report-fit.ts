import { Interrupted, type Watcher } from "../base/watcher.js";

/** Tells the watcher how far a fit is. @throws Interrupted if the watcher stops it */
export function reportFit(watcher: Watcher, stage: string, done: number, total: number): void {
  watcher.report({ stage, done, total });
  if (watcher.stopping()) throw new Interrupted("memory", "by fitting again");
}
