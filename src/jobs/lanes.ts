import type { Watcher } from "../base/watcher.js";
import { threadLanes } from "./crew.js";
import type { Assignment } from "./job.js";
import type { Lanes } from "./pool.js";

/** Where jobs are to run. */
export interface Where {
  /** In this process: jobs at the same time, and processor cores of each. */
  readonly jobs: number;
  readonly threads: number;
  /** Instead: on the workers at this queue, as `redis://host:port`. */
  readonly queue?: string | undefined;
}

/** Lanes for the jobs of an assignment. @throws InputError if there is no such queue */
export async function openLanes<Payload, Result>(
  { queue, jobs, threads }: Where,
  assignment: Assignment<unknown>,
  watcher: Watcher,
): Promise<Lanes<Payload, Result>> {
  if (queue === undefined) return threadLanes(assignment, { threads }, jobs);
  const { queueLanes } = await import("./queue.js");
  return queueLanes(queue, assignment, watcher);
}
