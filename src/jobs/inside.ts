/** What runs in a {@link Thread}: jobs of one assignment as they are told, one after the other. */
import { parentPort, workerData } from "node:worker_threads";
import { messageOf } from "../base/error.js";
import { Interrupted, type Progress, type Watcher } from "../base/watcher.js";
import { openBlobs } from "./blobs.js";
import type { OpenJobs } from "./job.js";
import { Refused } from "./refused.js";
import { Results } from "./results.js";
import type { Task, ThreadData, Told } from "./thread.js";

const { assignment, machine, stop } = workerData as ThreadData;
const flag = new Int32Array(stop);
const tell = (told: Told) => parentPort!.postMessage(told);

/** Milliseconds between two reports of progress. */
const QUIET = 500;
let last = Number.NEGATIVE_INFINITY;
const watcher: Watcher = {
  report({ stage, done, total }: Progress) {
    if (performance.now() - last < QUIET) return;
    last = performance.now();
    tell({ kind: "progress", detail: `${stage} ${done}/${total}` });
  },
  say() {}, // what pre-training says of its trials is in its folder
  stopping: () => Atomics.load(flag, 0) === 1,
};
const results = new Results(openBlobs(assignment.place));
let opened: ReturnType<OpenJobs<unknown, unknown, unknown>> | undefined;

function openOnce() {
  const url = new URL(`../${assignment.module}`, import.meta.url);
  opened ??= import(url.href).then(({ open }: { open: OpenJobs<unknown, unknown, unknown> }) =>
    open(assignment.options, machine, watcher),
  );
  opened.catch(() => {
    opened = undefined; // what it lacks may come
  });
  return opened;
}

/** The job's result: kept from an earlier attempt, or computed and kept. */
async function resultOf({ id, payload }: Task): Promise<unknown> {
  const kept = await results.get(id);
  if (kept) return kept.result;
  const run = await openOnce();
  const result = await run(payload);
  if (result !== undefined) await results.put(id, result);
  return result;
}

parentPort!.on("message", async (task: Task) => {
  try {
    tell({ kind: "done", result: await resultOf(task) });
  } catch (error) {
    const failure = { message: messageOf(error), story: (error as Error).stack ?? String(error) };
    if (error instanceof Interrupted) tell({ kind: "stopped" });
    else tell({ kind: "failed", failure, refused: error instanceof Refused });
  }
});
