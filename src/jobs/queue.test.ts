import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, test } from "node:test";
import { Queue } from "bullmq";
import { threadLanes } from "./crew.js";
import type { FakeOptions, FakeWork } from "./fake-jobs.js";
import type { Failure, Job } from "./job.js";
import { QUEUE } from "./message.js";
import { type Lanes, runPool } from "./pool.js";
import { queueLanes } from "./queue.js";
import { connect } from "./redis.js";
import { FAKE_PACING } from "./test-pacing.js";
import { freePort } from "./test-port.js";
import { NEEDS_REDIS, TestRedis, TestWorker, until } from "./test-redis.js";

const root = mkdtempSync(join(tmpdir(), "cladmop-queue-"));
const redis = NEEDS_REDIS.skip ? undefined : await TestRedis.start();
const workers: TestWorker[] = [];
after(async () => {
  await redis?.stop();
  rmSync(root, { recursive: true });
});

// What one test leaves behind is none of the next one's.
afterEach(async () => {
  for (const worker of workers.splice(0)) worker.process.kill("SIGKILL");
  await redis?.clear();
});

function startWorker(jobs?: number): TestWorker {
  const worker = new TestWorker(redis!.url, jobs);
  workers.push(worker);
  return worker;
}

async function drain(...asked: TestWorker[]): Promise<void> {
  for (const worker of asked) worker.process.kill("SIGTERM");
  for (const worker of asked) assert.equal(await worker.ended, 0, worker.said);
}

/** A run of jobs on the queue, in a shared place of its own. */
class Run {
  readonly folder = mkdtempSync(join(root, "run-"));
  readonly place = join(this.folder, "shared");
  readonly results = new Map<string, number>();
  readonly failures = new Map<string, Failure>();
  readonly said: string[] = [];
  working: readonly string[] = [];
  isStopping = false;

  /** Jobs as texts such as "double 3", which is also their id. */
  async run(
    texts: readonly string[],
    options: FakeOptions = {},
    url = redis!.url,
  ): Promise<boolean> {
    const assignment = {
      module: "jobs/fake-jobs.js",
      options: { folder: this.folder, ...options },
      place: this.place,
    };
    return this.on(
      texts,
      await queueLanes<FakeWork, number>(url, assignment, this.watcher, FAKE_PACING),
    );
  }

  get watcher() {
    return {
      report() {},
      say: (line: string) => this.said.push(line),
      stopping: () => this.isStopping,
    };
  }

  on(texts: readonly string[], lanes: Lanes<FakeWork, number>): Promise<boolean> {
    return runPool<FakeWork, number>({
      lanes,
      jobs: texts.map(jobOf),
      watcher: this.watcher,
      done: ({ id }, result) => {
        this.results.set(id, result);
      },
      failed: ({ id }, failure) => {
        this.failures.set(id, failure);
      },
      progress: (working) => {
        this.working = working;
      },
    });
  }

  /** Values of the jobs that have begun, in the order in which they did, and the processes that ran them. */
  get begun(): { value: number; pid: number }[] {
    const file = join(this.folder, "begun");
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, "utf8").trim().split("\n");
    return lines.map((line) => {
      const [value, pid] = line.split(" ").map(Number) as [number, number];
      return { value, pid };
    });
  }

  async untilBegun(value: number, times = 1): Promise<void> {
    const count = () => this.begun.filter((one) => one.value === value).length;
    await until(
      () => count() >= times,
      () =>
        `job ${value} begun ${times} times: ${count()}; ${this.said}; ${workers.map(({ said }) => said)}`,
    );
  }

  /** Lets jobs end that hold. */
  release(): void {
    writeFileSync(join(this.folder, "release"), "");
  }

  /** What the shared place holds of results, by file. */
  get files(): Record<string, string> {
    const folder = join(this.place, "results");
    return Object.fromEntries(
      readdirSync(folder)
        .sort()
        .map((name) => [name, readFileSync(join(folder, name), "utf8")]),
    );
  }
}

function jobOf(text: string): Job<FakeWork> {
  const [does, value] = text.split(" ") as [FakeWork["does"], string];
  return {
    id: text.replace(" ", "-"),
    name: text,
    needs: [],
    payload: { does, value: Number(value) },
  };
}

const doubles = (count: number) => Array.from({ length: count }, (_, i) => `double ${i}`);

test(
  "a queue gives what threads of this process give, byte for byte; run again, nothing is computed",
  NEEDS_REDIS,
  async () => {
    const here = new Run();
    const options = { folder: here.folder };
    const assignment = { module: "jobs/fake-jobs.js", options, place: here.place };
    await here.on(doubles(20), threadLanes(assignment, { device: "cpu", threads: 1 }, 2));
    const there = new Run();
    const pair = [startWorker(2), startWorker()];
    assert.equal(await there.run(doubles(20)), false);
    assert.deepEqual(there.files, here.files);
    assert.deepEqual(there.results, here.results);
    // At least once: on a starved machine a lock may run out.
    const valuesOf = (run: Run) => new Set(run.begun.map(({ value }) => value));
    assert.deepEqual(valuesOf(there), valuesOf(here));
    assert.deepEqual(readdirSync(join(there.place, "payloads")), []);
    await drain(...pair);
    const begun = there.begun.length;
    const again = new Run();
    Object.assign(again, { folder: there.folder, place: there.place });
    await again.run(doubles(20)); // with no worker
    assert.deepEqual(again.results, here.results);
    assert.equal(there.begun.length, begun);
  },
);

test("a worker that is killed loses its job to another, which came late", NEEDS_REDIS, async () => {
  const run = new Run();
  const first = startWorker();
  const running = run.run(["hold 7", "double 1", "double 2"]);
  await run.untilBegun(7);
  await until(
    () => run.working.some((line) => /^hold 7: .*-\d+/.test(line)),
    () => run.working.join(),
  );
  first.process.kill("SIGKILL");
  const late = startWorker();
  await run.untilBegun(7, 2);
  run.release();
  assert.equal(await running, false);
  assert.deepEqual([...run.results].sort(), [
    ["double-1", 2],
    ["double-2", 4],
    ["hold-7", 14],
  ]);
  assert.notEqual(run.begun[0]!.pid, run.begun.at(-1)!.pid);
  assert.deepEqual(run.failures.size, 0);
  await drain(late);
});

test(
  "jobs that fail again and again or kill their workers are set aside with their error; the others go on",
  NEEDS_REDIS,
  async () => {
    const run = new Run();
    const kept = [startWorker(), startWorker(), startWorker()];
    await run.run(["kill 6", "fail 5", "vanish 4", ...doubles(4)]);
    assert.equal(run.results.size, 4);
    const {
      "fail-5": fails,
      "kill-6": kills,
      "vanish-4": vanishes,
    } = Object.fromEntries(run.failures);
    assert.match(fails!.message, /^too hard \(on .*-\d+\)$/);
    assert.ok(
      run.said.some((line) => /^Try 1 of 3 failed: fail 5: too hard/.test(line)),
      run.said.join("\n"),
    );
    assert.match(fails!.story, /on .*-\d+: all of it/);
    assert.match(kills!.message, /^its worker died, and so did the next one/);
    assert.match(vanishes!.message, /^its thread ended \(3\) \(on /);
    const times = (value: number) => run.begun.filter((one) => one.value === value).length;
    assert.deepEqual([times(5), times(6), times(4)], [3, 2, 3]);
    const alive = kept.filter(
      ({ process }) => process.exitCode === null && process.signalCode === null,
    );
    assert.equal(alive.length, 1);
    // What was set aside is tried anew by the next run.
    const again = new Run();
    Object.assign(again, { folder: run.folder, place: run.place });
    await again.run(["fail 5"]);
    assert.equal(again.failures.size, 1);
    assert.ok(times(5) > 3);
    await drain(...alive);
  },
);

for (const data of ["kept", "lost"] as const)
  test(`Redis is restarted in the middle, its data ${data}`, NEEDS_REDIS, async () => {
    const run = new Run();
    const worker = startWorker();
    const running = run.run(["hold 7", ...doubles(5)]);
    await run.untilBegun(7);
    await redis!.kill({ data });
    await worker.saying(/is away: waiting for it/);
    await redis!.startAgain();
    run.release();
    assert.equal(await running, false);
    assert.deepEqual(run.results.get("hold-7"), 14);
    assert.equal(run.results.size, 6);
    assert.equal(run.failures.size, 0);
    await drain(worker);
  });

test(
  "asked to drain, a worker ends what it is at and takes nothing else",
  NEEDS_REDIS,
  async () => {
    const run = new Run();
    const worker = startWorker();
    const running = run.run(["hold 7", "double 1"]);
    await run.untilBegun(7);
    worker.process.kill("SIGTERM");
    run.release();
    assert.equal(await worker.ended, 0, worker.said);
    assert.deepEqual(
      run.begun.map(({ value }) => value),
      [7],
    );
    await until(
      () => run.said.some((line) => line.startsWith("No worker is at the queue")),
      () => run.said.join(),
    );
    assert.ok(!run.said.join().includes("s3cret"));
    const other = startWorker();
    assert.equal(await running, false);
    assert.deepEqual([...run.results].sort(), [
      ["double-1", 2],
      ["hold-7", 14],
    ]);
    await drain(other);
  },
);

test("asked twice, a worker gives back what it is at", NEEDS_REDIS, async () => {
  const run = new Run();
  const worker = startWorker();
  const running = run.run(["hold 7"]);
  await run.untilBegun(7);
  worker.process.kill("SIGTERM");
  await worker.saying(/draining/);
  worker.process.kill("SIGTERM");
  assert.equal(await worker.ended, 143);
  const { redis: client } = await connect(redis!.url);
  const queue = new Queue(QUEUE, { connection: client });
  assert.deepEqual(await queue.getJobCounts("waiting", "active"), { waiting: 1, active: 0 });
  await queue.close();
  client.disconnect();
  const other = startWorker();
  await run.untilBegun(7, 2);
  run.release();
  assert.equal(await running, false);
  assert.deepEqual([...run.results], [["hold-7", 14]]);
  await drain(other);
});

test(
  "a submitter that is stopped takes back what waits; the next finds what was at work finished",
  NEEDS_REDIS,
  async () => {
    const run = new Run();
    const worker = startWorker();
    const running = run.run(["hold 7", "double 1"]);
    await run.untilBegun(7);
    run.isStopping = true;
    assert.equal(await running, true);
    run.release();
    await worker.saying(/Done in .*hold 7/);
    await drain(worker);
    assert.deepEqual(
      run.begun.map(({ value }) => value),
      [7],
    );
    const again = new Run();
    Object.assign(again, { folder: run.folder, place: run.place });
    await again.run(["hold 7"]); // with no worker
    assert.deepEqual([...again.results], [["hold-7", 14]]);
  },
);

test("two submitters of the same work share it", NEEDS_REDIS, async () => {
  const one = new Run();
  const other = new Run();
  Object.assign(other, { folder: one.folder, place: one.place });
  const both = [one.run(["hold 7", ...doubles(5)]), other.run(["hold 7", ...doubles(5)])];
  const worker = startWorker();
  await one.untilBegun(7);
  one.release();
  await Promise.all(both);
  assert.deepEqual(one.results, other.results);
  assert.equal(one.begun.length, 6);
  await drain(worker);
});

test("what a machine lacks is said, and the job is another's", NEEDS_REDIS, async () => {
  const run = new Run();
  const worker = startWorker();
  await worker.saying(/is at work/);
  const reads = join(run.folder, "model");
  await run.run(["double 1"], { reads });
  assert.match(
    run.failures.get("double-1")!.message,
    /^every worker refuses it: .*model: is absent\. Make it/,
  );
  assert.match(run.said.join("\n"), /Refused: .*model: is absent/);
  writeFileSync(reads, "");
  await run.run(["double 1"], { reads });
  assert.equal(run.results.get("double-1"), 2);
  await drain(worker);
});

test(
  "a Redis that goes away for long, or is none, is named with what to do",
  NEEDS_REDIS,
  async () => {
    const run = new Run();
    const running = run.run(doubles(3));
    running.catch(() => {});
    await until(
      () => run.said.length > 0,
      () => "it waits for workers",
    );
    await redis!.kill();
    await assert.rejects(running, {
      name: "InputError",
      message: new RegExp(
        `^127\\.0\\.0\\.1:${redis!.port}: the Redis has been away for \\d+ seconds\\. Start it`,
      ),
    });
    await redis!.startAgain();
  },
);

test("no Redis, no password and no address are told apart", NEEDS_REDIS, async () => {
  const port = await freePort();
  const rejects = (url: string, message: RegExp) =>
    assert.rejects(connect(url), (error: Error) => {
      assert.equal(error.name, "InputError");
      assert.match(error.message, message);
      assert.ok(!error.message.includes("secret"), error.message);
      return true;
    });
  await rejects(
    `redis://me:secret@127.0.0.1:${port}`,
    new RegExp(`^127\\.0\\.0\\.1:${port}: no Redis answers: .*ECONNREFUSED.*Start redis-server`),
  );
  await rejects(`redis://:secret@127.0.0.1:${redis!.port}`, /refuses the user or the password/);
  await rejects(`redis://127.0.0.1:${redis!.port}`, /refuses the user or the password/);
  await rejects("http://me:secret@localhost", /"--queue": is no address of a Redis/);
});
