import type { Command } from "commander";
import type { Device } from "../graph/index.js";
import { addExamples, addProcessorOptions, count, queueOption } from "./option.js";

/** What a worker runs, whatever stands in the queue. */
const MODULES = ["benchmark/jobs.js", "serving/jobs.js", "training/jobs.js"];

interface Options {
  readonly queue: string;
  readonly jobs: number;
  readonly threads: number;
  readonly device: Device;
}

/** Signals within this many milliseconds of the first are the same Ctrl-C, passed on by npx. */
const ECHO = 1000;
/** Milliseconds that giving jobs back may take. */
const GIVING_BACK = 2000;

/** `cladmop worker`: a machine that takes jobs from a queue. */
export function addWorker(program: Command): void {
  const command = program
    .command("worker")
    .description(
      "Run jobs that predict, encode and benchmark submit with --queue, on any number of machines. " +
        "Ctrl-C or SIGTERM finishes the jobs at work first; a second one gives them to other workers.",
    )
    .addOption(queueOption("the Redis that has the queue:").makeOptionMandatory())
    .option("--jobs <n>", "jobs that run at the same time", count, 1);
  addProcessorOptions(command, 2, "of each job").action(run);
  addExamples(command, {
    "cladmop worker --queue redis://10.0.0.5": "one job at a time, on two cores",
    "cladmop worker --queue redis://:password@10.0.0.5:6379 --jobs 8 --threads 1":
      "a machine with eight cores",
  });
}

async function run({ queue, jobs, threads, device }: Options): Promise<void> {
  const { startWorker } = await import("../jobs/worker.js");
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const processor = { device, threads };
  const worker = await startWorker({ queue, jobs, processor, modules: MODULES, say });
  let asked: number | undefined;
  await new Promise<void>((resolve, reject) => {
    const stop = (signal: NodeJS.Signals) => {
      if (asked !== undefined && performance.now() - asked < ECHO) return;
      if (asked === undefined) {
        asked = performance.now();
        say("Finishing the jobs at work. Ctrl-C again gives them to other workers.");
        worker.drain().then(resolve, reject);
        return;
      }
      // By the signal itself: an exit would wait for threads, and onnxruntime ends badly in them.
      const leave = () => {
        process.off(signal, stop);
        process.kill(process.pid, signal);
      };
      setTimeout(leave, GIVING_BACK);
      worker.abandon().then(leave, leave);
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
  });
}
