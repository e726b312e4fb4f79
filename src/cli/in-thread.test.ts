import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type double, refuse } from "./fake-jobs.js";
import { inThread, type Job } from "./in-thread.js";

const jobs = new URL("./fake-jobs.js", import.meta.url);
const heard: unknown[] = [];
const view = {
  report: (progress: unknown) => heard.push(progress),
  say: (line: string) => heard.push(line),
  end: () => heard.push("end"),
};
const run = <J extends Job>(name: string, options: Parameters<J>[0]) =>
  inThread<J>(jobs, name, options, view);

test("a job's progress, remarks and result arrive", async () => {
  heard.length = 0;
  assert.equal(await run<typeof double>("double", 21), 42);
  assert.deepEqual(heard, [{ stage: "Doubling", done: 1, total: 2 }, "half done", "end"]);
  assert.equal(process.listenerCount("SIGINT"), 0);
});

test("errors keep name and message", async () => {
  const { message } = await refuse().catch((error: Error) => error);
  await assert.rejects(run("refuse", undefined as never), { name: "InputError", message });
  await assert.rejects(run("fail", undefined as never), { name: "RangeError", message: "a fault" });
  await assert.rejects(run("vanish", undefined as never), /vanish ended without a result/);
});

const folder = mkdtempSync(join(tmpdir(), "cladmop-"));
after(() => rmSync(folder, { recursive: true }));

/** Runs the job "compute" as the command line would, in a process of its own. */
function computing(until: "stop" | "never") {
  const url = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
  const script = join(folder, "compute.mjs");
  writeFileSync(
    script,
    `import { inThread } from ${url("in-thread.js")};
    import { exitCodeOf } from ${url("exit-code.js")};
    const job = inThread(new URL(${url("fake-jobs.js")}), "compute", "${until}");
    await job.catch((error) => process.exit(exitCodeOf(error)));`,
  );
  const child = spawn(process.execPath, [script]);
  let text = "";
  child.stderr.on("data", (chunk) => {
    text += chunk;
  });
  /** Waits for a line on standard error. */
  const said = async (line: string) => {
    while (!text.includes(line)) await once(child.stderr, "data");
  };
  return { child, said };
}

test("Ctrl-C and SIGTERM let a computing job save and stop, with exit code 130", async () => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const { child, said } = computing("stop");
    const exited = once(child, "exit");
    await said("computing");
    child.kill(signal);
    child.kill(signal); // as npx passes it on
    await said("runs/x; go on with --resume");
    assert.deepEqual(await exited, [130, null]);
  }
});

test("a second Ctrl-C ends a job that does not stop", async () => {
  const { child, said } = computing("never");
  const exited = once(child, "exit");
  await said("computing");
  child.kill("SIGINT");
  await said("Ctrl-C again ends at once");
  const again = setInterval(() => child.kill("SIGINT"), 100);
  assert.deepEqual(await exited, [null, "SIGINT"]);
  clearInterval(again);
});
