/** A worker for the tests, in a process that they may kill: its arguments are the queue and its jobs at a time. */
import { FAKE_PACING } from "./test-pacing.js";
import { startWorker } from "./worker.js";

const [queue, jobs] = process.argv.slice(2) as [string, string];
const worker = await startWorker({
  queue,
  jobs: Number(jobs),
  processor: { device: "cpu", threads: 1 },
  modules: ["jobs/fake-jobs.js", "serving/jobs.js"],
  say: console.log,
  pacing: FAKE_PACING,
});
process.once("SIGTERM", () => {
  process.once("SIGTERM", () => worker.abandon().then(() => process.exit(143)));
  console.log("draining");
  worker.drain();
});
