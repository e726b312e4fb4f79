import { hostname } from "node:os";
import { DelayedError, type Job as Queued, Worker } from "bullmq";
import { messageOf } from "../base/error.js";
import { sha256 } from "../base/file.js";
import { type Processor, requireDevice } from "../graph/index.js";
import { openBlobs } from "./blobs.js";
import { codeHash } from "./code.js";
import { Crew } from "./crew.js";
import type { Assignment } from "./job.js";
import {
  type At,
  assignmentFile,
  type Message,
  payloadFile,
  QUEUE,
  type Returned,
  STALLS,
} from "./message.js";
import { connect, PACING, type Pacing } from "./redis.js";
import { REFUSED, Refused, seen } from "./refused.js";
import { Results } from "./results.js";

export interface WorkerOptions {
  /** As `redis://host:port`. */
  readonly queue: string;
  /** Jobs at the same time. */
  readonly jobs: number;
  readonly processor: Processor;
  /** What an {@link Assignment} may name: nothing else is run, whatever stands in the queue. */
  readonly modules: readonly string[];
  /** Told what is going on, line by line. */
  readonly say: (line: string) => void;
  readonly pacing?: Pacing;
}

/** A job of the queue that a worker is at. */
interface AtWork {
  readonly job: Queued<Message>;
  readonly token: string | undefined;
}

/** A worker at a queue. */
export interface QueueWorker {
  /** Finishes the jobs at work and takes no others. */
  drain(): Promise<void>;
  /** Gives the jobs at work back, for other workers. */
  abandon(): Promise<void>;
}

/**
 * Takes jobs from a queue and runs them, each in a thread, until it is told to drain. Where Redis goes
 * away, it finishes what it is at and waits.
 * @throws InputError if there is no Redis at the start, or the device is not there or takes one job at a time
 */
export async function startWorker({
  queue,
  jobs,
  processor,
  modules,
  say,
  pacing = PACING,
}: WorkerOptions): Promise<QueueWorker> {
  await requireDevice(processor, jobs);
  const { redis, host } = await connect(queue);
  const name = `${hostname()}-${process.pid}`;
  const code = codeHash();
  const crew = new Crew(jobs, processor);
  const atWork = new Set<AtWork>();

  /** @throws Refused where this machine may not run it */
  async function assignmentOf(message: Message): Promise<Assignment<unknown>> {
    if (message.code !== code)
      throw new Refused(`the program on ${hostname()} is another version than the submitter's`, {
        remedy: "Install the same version of cladmop on both",
      });
    const blobs = openBlobs(message.place);
    const text = (await seen(blobs.get(assignmentFile(message.assignment))))?.toString("utf8");
    if (text === undefined || sha256(text) !== message.assignment)
      throw new Refused(`the shared place is not seen by ${hostname()}`, {
        file: message.place,
        remedy: "Mount the shared folder under the same path on every machine",
      });
    const assignment = JSON.parse(text) as Assignment<unknown>;
    if (!modules.includes(assignment.module))
      throw new Refused(`"${assignment.module}" is no kind of job that a worker runs`, {
        remedy: "Submit the work with cladmop",
      });
    return assignment;
  }

  async function run({ data }: Queued<Message>, tell: (detail: string) => void): Promise<Returned> {
    const { id } = data;
    const assignment = await assignmentOf(data);
    const blobs = openBlobs(assignment.place);
    const payload = await seen(blobs.get(payloadFile(id)));
    if (!payload) {
      // A submitter that has the result removes the input.
      if (await seen(new Results(blobs).get(id))) return { isKept: true };
      throw new Error("its input is no longer in the shared place");
    }
    const task = { id, payload: JSON.parse(payload.toString("utf8")) };
    const ended = await crew.run(assignment, task, tell);
    if (ended.kind === "done")
      return ended.isKept ? { isKept: true } : { isKept: false, result: ended.result };
    if (ended.kind === "stopped") throw new Error("it was stopped");
    const { message, story } = ended.failure;
    throw Object.assign(new Error(`${message} (on ${name})`), {
      name: ended.failure.name ?? "Error",
      stack: `on ${name}: ${story || message}`,
    });
  }

  /** Runs a job of the queue, or sends it back. */
  async function take(job: Queued<Message>, token: string | undefined): Promise<Returned> {
    const start = performance.now();
    const own: AtWork = { job, token };
    atWork.add(own);
    const tell = (detail: string) => {
      const at: At = { worker: name, detail };
      job.updateProgress(at).catch(() => {}); // Redis is away: told the next time
    };
    say(`Started: ${job.name}`);
    tell("");
    try {
      const returned = await run(job, tell);
      say(`Done in ${((performance.now() - start) / 1000).toFixed(1)} s: ${job.name}`);
      return returned;
    } catch (error) {
      const message = messageOf(error);
      if ((error as Error).name !== REFUSED) {
        say(`Failed: ${job.name}: ${message}`);
        throw error;
      }
      say(`Refused: ${job.name}: ${message}`);
      await job.updateData({ ...job.data, refused: { ...job.data.refused, [name]: message } });
      await job.moveToDelayed(Date.now() + pacing.refused, token);
      throw new DelayedError();
    } finally {
      atWork.delete(own);
    }
  }

  const worker = new Worker<Message, Returned>(QUEUE, take, {
    connection: redis,
    name,
    concurrency: jobs,
    lockDuration: pacing.lock,
    stalledInterval: pacing.lock / 2,
    maxStalledCount: STALLS,
  });
  // Of Redis, which is told below, or of a job that was lost with its data or given to another worker. It is
  // computed to its end all the same: onnxruntime ends the process with a thread that is ended while it runs.
  worker.on("error", () => {});
  let isClosing = false;
  let isAway = false;
  redis.on("close", () => {
    if (!isAway && !isClosing) say(`The Redis at ${host} is away: waiting for it`);
    isAway = true;
  });
  redis.on("ready", () => {
    if (isAway) say(`The Redis at ${host} is back`);
    isAway = false;
  });
  await worker.waitUntilReady();
  say(`${name} is at work for ${host}, ${jobs} jobs at a time`);

  return {
    async drain() {
      isClosing = true;
      await worker.close();
      await crew.end();
      redis.disconnect();
    },
    async abandon() {
      await Promise.allSettled([...atWork].map(({ job, token }) => job.moveToWait(token)));
    },
  };
}
