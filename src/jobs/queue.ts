import { Queue, type Job as Queued } from "bullmq";
import { sha256 } from "../base/file.js";
import type { Watcher } from "../base/watcher.js";
import { openBlobs } from "./blobs.js";
import { codeHash } from "./code.js";
import type { Assignment, Ended, Job } from "./job.js";
import {
  ATTEMPTS,
  type At,
  assignmentFile,
  type Message,
  payloadFile,
  QUEUE,
  type Returned,
  sealed,
} from "./message.js";
import type { Lanes } from "./pool.js";
import { asInputError, connect, gone, PACING, type Pacing } from "./redis.js";
import { Results } from "./results.js";

/** Jobs that stand in the queue at the same time: more than all workers together run. */
const COUNT = 256;
/** Seconds after which Redis forgets a job that is done, and one that was set aside. */
const FORGET = { done: 3600, failed: 7 * 24 * 3600 };

/** A job that was given to the queue and has not ended. */
interface Entry {
  readonly job: Job<unknown>;
  /** Id in the queue. */
  readonly key: string;
  readonly at: (detail: string | undefined) => void;
  readonly end: (ended: Ended<unknown>) => void;
  /** What was told last. */
  told: string | undefined;
  isSubmitted: boolean;
  /** When it was found done without its result. */
  late: number | undefined;
}

/**
 * Lanes that are jobs on a BullMQ queue, which workers on any machine take. Jobs that the queue has lost,
 * as when Redis was restarted without its data, are added again; the same job of two submitters is one.
 * @param url as `redis://host:port`
 * @throws InputError if there is no Redis
 */
export async function queueLanes<Payload, Result>(
  url: string,
  assignment: Assignment<unknown>,
  watcher: Watcher,
  pacing: Pacing = PACING,
): Promise<Lanes<Payload, Result>> {
  const results = new Results(openBlobs(assignment.place));
  const { redis, host } = await connect(url);
  const queue = new Queue<Message, Returned>(QUEUE, { connection: redis });
  queue.on("error", () => {}); // it is connected again, or `away` tells
  const { text, hash } = sealed(assignment);
  try {
    await results.blobs.put(assignmentFile(hash), Buffer.from(text));
  } catch (error) {
    redis.disconnect();
    throw error;
  }
  const code = codeHash();
  const entries = new Map<string, Entry>();
  let failure: unknown;
  let isStopping = false;

  const giveUp = (error: unknown) => {
    failure ??= asInputError(host, error);
    for (const { end } of entries.values()) end({ kind: "stopped" });
    redis.disconnect();
  };

  /** When Redis was lost, while it is. */
  let away: number | undefined;
  redis.on("close", () => {
    away ??= Date.now();
  });
  redis.on("ready", () => {
    away = undefined;
  });

  const withdrawals: Promise<void>[] = [];
  async function withdraw(key: string): Promise<void> {
    const queued = await queue.getJob(key);
    if (queued) await remove(queued);
  }

  async function submit(entry: Entry): Promise<void> {
    const { job, key } = entry;
    entry.isSubmitted = false;
    await results.blobs.put(payloadFile(job.id), Buffer.from(JSON.stringify(job.payload)));
    const earlier = await queue.getJob(key);
    if (earlier?.finishedOn) await remove(earlier); // set aside in an earlier run: tried anew
    const { place } = assignment;
    await queue.add(
      job.name,
      { id: job.id, code, place, assignment: hash, refused: {} },
      {
        jobId: key,
        attempts: ATTEMPTS,
        backoff: { type: "exponential", delay: pacing.retry },
        removeOnComplete: { age: FORGET.done },
        removeOnFail: { age: FORGET.failed },
      },
    );
    entry.isSubmitted = true;
    if (isStopping) await withdraw(key);
  }

  /** Looks what has become of a job. */
  async function look(entry: Entry, active: ReadonlySet<string>): Promise<void> {
    const { job, key, end } = entry;
    const queued = await queue.getJob(key);
    const isDone = queued?.finishedOn !== undefined && queued.returnvalue !== null;
    if (!queued || (isDone && queued.returnvalue.isKept)) {
      const kept = await results.get(job.id);
      if (kept) return end({ kind: "done", result: kept.result, isKept: true });
      entry.late ??= Date.now();
      if (queued && Date.now() - entry.late < pacing.late) return;
      entry.late = undefined;
      if (!isStopping) await submit(entry); // lost with what Redis knew, or removed by another submitter
    } else if (isDone) {
      end({ kind: "done", result: queued.returnvalue.result, isKept: false });
    } else if (queued.finishedOn !== undefined) {
      const { failedReason: message, stacktrace } = queued;
      const story = [...(stacktrace ?? [])].join("\n\n");
      end({ kind: "failed", failure: { message: explained(message), story } });
    } else {
      await listen(entry, queued, active.has(key));
    }
  }

  /** Tells what a job that has not ended is at, and who refused it; if every worker did, it has failed. */
  async function listen(entry: Entry, queued: Queued<Message>, isActive: boolean): Promise<void> {
    const { worker, detail } = queued.progress as Partial<At>;
    const told = isActive && worker ? [worker, detail].filter(Boolean).join(", ") : undefined;
    if (told !== entry.told) entry.at(told);
    entry.told = told;
    const { failedReason, attemptsMade } = queued;
    if (failedReason)
      sayOnce(
        `Try ${attemptsMade} of ${ATTEMPTS} failed: ${entry.job.name}: ${explained(failedReason)}`,
      );
    const { refused } = queued.data;
    for (const message of Object.values(refused)) sayOnce(`Refused: ${message}`);
    const names = Object.keys(refused);
    if (names.length === 0) return;
    const workers = await workersAt(queue);
    if (workers.length === 0 || workers.some((name) => !names.includes(name))) return;
    const message = `every worker refuses it: ${Object.values(refused)[0]}`;
    await remove(queued);
    entry.end({ kind: "failed", failure: { message, story: JSON.stringify(refused, null, 2) } });
  }

  const said = new Set<string>();
  const sayOnce = (line: string) => {
    if (!said.has(line)) watcher.say(line);
    said.add(line);
  };

  let hadWorkers = true;
  async function lookForWorkers(): Promise<void> {
    const has = (await workersAt(queue)).length > 0;
    if (!has && hadWorkers)
      watcher.say(
        `No worker is at the queue: start cladmop worker --queue redis://${host} on any machine`,
      );
    hadWorkers = has;
  }

  let looking = false;
  const timer = setInterval(async () => {
    if (away !== undefined && Date.now() - away > pacing.gone)
      giveUp(gone(host, Date.now() - away));
    if (looking || away !== undefined || entries.size === 0) return;
    looking = true;
    try {
      await lookForWorkers();
      const active = new Set(await queue.getRanges(["active"]));
      const submitted = [...entries.values()].filter(({ isSubmitted }) => isSubmitted);
      await Promise.all(submitted.map((entry) => look(entry, active)));
    } catch (error) {
      if (failure === undefined && redis.status === "ready") giveUp(error);
    } finally {
      looking = false;
    }
  }, pacing.look);

  return {
    count: COUNT,
    async run(job, at) {
      const kept = await results.get(job.id);
      if (kept) return { kind: "done", result: kept.result as Result, isKept: true };
      const key = `job-${sha256(JSON.stringify([hash, job.id])).slice(0, 32)}`;
      const ended = await new Promise<Ended<unknown>>((end) => {
        const entry = { job, key, at, end, isSubmitted: false, told: undefined, late: undefined };
        entries.set(key, entry);
        if (isStopping || failure !== undefined) end({ kind: "stopped" });
        else submit(entry).catch(giveUp);
      });
      entries.delete(key);
      if (failure !== undefined) throw failure;
      if (ended.kind === "done") await results.blobs.remove(payloadFile(job.id));
      return ended as Ended<Result>;
    },
    /** What waits is taken from the queue; what is at work goes on, and the next run finds its result. */
    stop() {
      isStopping = true;
      for (const { key, isSubmitted, end } of entries.values()) {
        if (isSubmitted && away === undefined) withdrawals.push(withdraw(key));
        end({ kind: "stopped" });
      }
    },
    async end() {
      clearInterval(timer);
      await Promise.all(withdrawals);
      await queue.close();
      redis.disconnect();
    },
  };
}

/** Removes a job unless a worker is at it. */
async function remove(job: Queued): Promise<void> {
  await job.remove().catch(() => {}); // a worker has just taken it, or another submitter was first
}

/** Names of the workers that are connected. */
async function workersAt(queue: Queue<Message, Returned>): Promise<string[]> {
  const workers = await queue.getWorkers();
  return [...new Set(workers.map(({ rawname = "" }) => rawname.split(":w:")[1] ?? ""))];
}

const explained = (message: string): string =>
  message.startsWith("job stalled more than")
    ? "its worker died, and so did the next one: it may be what kills them, and is set aside"
    : message;
