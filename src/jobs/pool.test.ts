import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { threadLanes } from "./crew.js";
import type { FakeWork } from "./fake-jobs.js";
import type { Job } from "./job.js";
import { runPool } from "./pool.js";

const root = mkdtempSync(join(tmpdir(), "cladmop-pool-"));
after(() => rmSync(root, { recursive: true }));
let places = 0;

/** "c: a b | fail" is the job c, which needs a and b and then fails; "a: fail" needs none. */
function jobOf(text: string, value: number): Job<FakeWork> {
  const [id, rest] = text.split(": ") as [string, string];
  const [needs, does] = rest.includes("|") ? rest.split(" | ") : ["", rest];
  return {
    id,
    name: `job ${id}`,
    needs: needs!.split(" ").filter(Boolean),
    payload: { does: does as FakeWork["does"], value },
  };
}

/** Jobs that are made when they are asked for. */
async function* lazily<T>(jobs: readonly T[]): AsyncGenerator<T> {
  for (const job of jobs) {
    made++;
    yield job;
  }
}
let made = 0;

/** Runs jobs and returns all that was told, in order. */
async function run(
  threads: number,
  jobs: readonly string[],
  { stopping = (): boolean => false, onDone = () => {}, isLazy = false } = {},
) {
  const told: string[] = [];
  const working: (readonly string[])[] = [];
  const stories = new Map<string, string>();
  const present = new SharedArrayBuffer(8);
  const assignment = {
    module: "jobs/fake-jobs.js",
    options: { present },
    place: join(root, String(places++)),
  };
  const stopped = await runPool<FakeWork, number>({
    lanes: threadLanes(assignment, { device: "cpu", threads: 1 }, threads),
    jobs: isLazy ? lazily(jobs.map(jobOf)) : jobs.map(jobOf),
    watcher: { report() {}, say() {}, stopping },
    done: ({ id }, result) => {
      told.push(`${id} = ${result}`);
      onDone();
    },
    failed: ({ id }, { message, story }) => {
      told.push(`${id}: ${message}`);
      stories.set(id, story);
    },
    progress: (now) => working.push([...now]),
  });
  return { told, working, stories, stopped, most: new Int32Array(present)[1] };
}

test("jobs run after those that they need, wherever they stand", async () => {
  const jobs = ["c: a b | double", "b: a | double", "a: double", "d: double"];
  const { told, stopped } = await run(1, jobs);
  assert.deepEqual(told, ["a = 4", "b = 2", "c = 0", "d = 6"]);
  assert.equal(stopped, false);
  const two = await run(2, jobs);
  const at = (text: string) => two.told.indexOf(text);
  assert.equal(two.told.length, 4);
  assert.ok(at("a = 4") < at("b = 2") && at("b = 2") < at("c = 0"), two.told.join());
});

test("as many run at once as there are threads, and no more", async () => {
  const jobs = ["a", "b", "c", "d", "e"].map((id) => `${id}: meet`); // each waits until two are there
  const { told, working, most } = await run(2, jobs);
  assert.equal(told.length, 5);
  assert.equal(most, 2);
  assert.equal(Math.max(...working.map(({ length }) => length)), 2);
  assert.ok(working.flat().some((told) => /^job [ab]: at [01]\/9$/.test(told)));
});

test("a job that fails or ends its thread leaves the others to go on", async () => {
  for (const threads of [1, 2]) {
    const jobs = ["a: fail", "b: vanish", "c: break", "d: double", "e: double"];
    const { told, stories } = await run(threads, jobs);
    assert.deepEqual(told.sort(), [
      "a: too hard",
      "b: its thread ended (3)",
      "c: a fault",
      "d = 6",
      "e = 8",
    ]);
    assert.equal(stories.get("a"), "all of it");
    assert.match(stories.get("c")!, /^RangeError: a fault\n +at .*fake-jobs/);
  }
});

test("a thread that ends between two jobs is replaced", async () => {
  // Once c is over, its own thread takes d; the other's, gone by then, has to be made anew for e.
  const jobs = ["a: vanish afterwards", "c: pause", "d: c | double", "e: c | double"];
  const { told } = await run(2, jobs);
  assert.deepEqual(told.sort(), ["a = 0", "c = 2", "d = 4", "e = 6"]);
});

test("jobs that need a failed one fail, with its name, its reason and its story", async () => {
  const jobs = ["d: c | double", "c: a b | double", "b: double", "a: fail", "e: b | double"];
  const { told, stories } = await run(1, jobs);
  assert.deepEqual(told, [
    "b = 4",
    "a: too hard",
    "c: it needs job a, which failed: too hard",
    "d: it needs job c, which failed: it needs job a, which failed: too hard",
    "e = 8",
  ]);
  assert.equal(stories.get("d"), "all of it");
});

test("asked to stop, jobs at work end and no other begins", async () => {
  let stopping = false;
  const jobs = ["a: double", "b: wait", "c: wait", "d: double", "e: b | double"];
  const { told, stopped } = await run(2, jobs, {
    stopping: () => stopping,
    onDone: () => {
      stopping = true;
    },
  });
  assert.deepEqual([told, stopped], [["a = 0"], true]);
});

test("what a callback throws stops the pool and is thrown", async () => {
  const full = () => {
    throw new Error("the disk is full");
  };
  await assert.rejects(run(2, ["a: double", "b: wait", "c: double"], { onDone: full }), {
    message: "the disk is full",
  });
});

test("jobs of a source are asked for as threads come free", async () => {
  const all = Array.from({ length: 6 }, (_, i) => `${"abcdef"[i]}: double`);
  const ahead: number[] = [];
  let done = 0;
  const onDone = () => {
    ahead.push(made - ++done);
  };
  const { told } = await run(2, all, { isLazy: true, onDone });
  assert.deepEqual(told.sort(), ["a = 0", "b = 2", "c = 4", "d = 6", "e = 8", "f = 10"]);
  assert.ok(Math.max(...ahead) <= 2, ahead.join());
});
