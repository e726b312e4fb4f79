/** What runs in a {@link Thread}: jobs of one assignment as they are told, one after the other. */
import { parentPort, workerData } from "node:worker_threads";
import { messageOf } from "../base/error.js";
import { Interrupted, type Progress, type Watcher } from "../base/watcher.js";
import { openBlobs } from "./blobs.js";
import type { JobModule } from "./job.js";
import { seen } from "./refused.js";
import { Results } from "./results.js";
import type { Task, ThreadData, Told } from "./thread.js";

const { assignment, processor, stop } = workerData as ThreadData;
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
const url = new URL(`../${assignment.module}`, import.meta.url);
const { open, inFiles = false } = (await import(url.href)) as JobModule;
let opened: ReturnType<typeof open> | undefined;

function openOnce() {
  opened ??= open(assignment.options, processor, watcher);
  opened.catch(() => {
    opened = undefined; // what it lacks may come
  });
  return opened;
}

/** The job's end with its result: kept from an earlier attempt, or computed and kept. */
async function done({ id, payload }: Task): Promise<Told> {
  const kept = inFiles ? undefined : await seen(results.get(id));
  if (kept) return { kind: "done", result: kept.result, isKept: true };
  const run = await openOnce();
  const result = await run(payload);
  const isKept = !inFiles && result !== undefined;
  if (isKept) await seen(results.put(id, result));
  return { kind: "done", result, isKept };
}

parentPort!.on("message", async (task: Task) => {
  try {
    tell(await done(task));
  } catch (error) {
    const { name, stack = String(error) } = error as Error;
    const failure = { name, message: messageOf(error), story: stack };
    if (error instanceof Interrupted) tell({ kind: "stopped" });
    else tell({ kind: "failed", failure });
  }
});
