/** A thread of the benchmark: runs encodings, bases and cells as it is told, one after the other. */
import { parentPort, workerData } from "node:worker_threads";
import { messageOf } from "../base/error.js";
import { Interrupted, type Progress, type Watcher } from "../base/watcher.js";
import { makeBase } from "./bases.js";
import { runCell } from "./cell.js";
import { type BenchmarkOptions, Context } from "./context.js";
import { encodeAll } from "./encode.js";
import type { ThreadData, Told } from "./pool.js";
import type { Outcome, Work } from "./run.js";

const { options, stop } = workerData as ThreadData<BenchmarkOptions>;
const flag = new Int32Array(stop);
const tell = (told: Told<Outcome>) => parentPort!.postMessage(told);

/** Milliseconds between two reports of progress. */
const QUIET = 500;
let last = 0;
const watcher: Watcher = {
  report({ stage, done, total }: Progress) {
    if (performance.now() - last < QUIET) return;
    last = performance.now();
    tell({ kind: "progress", detail: `${stage} ${done}/${total}` });
  },
  say() {}, // what pre-training says of its trials is in its folder
  stopping: () => Atomics.load(flag, 0) === 1,
};
const context = new Context(options, watcher);

async function run(work: Work): Promise<Outcome> {
  switch (work.kind) {
    case "encode":
      await encodeAll(work, context);
      return undefined;
    case "base":
      await makeBase(work.base, context);
      return undefined;
    case "cell":
      return runCell(work.cell, work.hashes, context);
  }
}

parentPort!.on("message", async (work: Work) => {
  try {
    tell({ kind: "done", result: await run(work) });
  } catch (error) {
    tell({
      kind: "failed",
      failure: { message: messageOf(error), story: (error as Error).stack ?? String(error) },
      interrupted: error instanceof Interrupted,
    });
  }
});
