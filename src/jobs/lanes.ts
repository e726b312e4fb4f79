import type { Watcher } from "../base/watcher.js";
import type { Processor } from "../graph/index.js";
import { threadLanes } from "./crew.js";
import type { Assignment } from "./job.js";
import type { Lanes } from "./pool.js";

/** Where jobs are to run. */
export interface Where extends Processor {
  /** In this process: jobs at the same time, each on a processor of its own. */
  readonly jobs: number;
  /** Instead: on the workers at this queue, as `redis://host:port`. */
  readonly queue?: string | undefined;
}

/** Lanes for the jobs of an assignment. @throws InputError if there is no such queue */
export async function openLanes<Payload, Result>(
  { queue, jobs, device, threads }: Where,
  assignment: Assignment<unknown>,
  watcher: Watcher,
): Promise<Lanes<Payload, Result>> {
  if (queue === undefined) return threadLanes(assignment, { device, threads }, jobs);
  const { queueLanes } = await import("./queue.js");
  return queueLanes(queue, assignment, watcher);
}
