import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { locked } from "./lock.js";

const root = mkdtempSync(join(tmpdir(), "cladmop-lock-"));
after(() => rmSync(root, { recursive: true }));

test("a folder is held while work goes on, and free when it ends or fails", async () => {
  const file = join(root, "new", "lock");
  const held = await locked(file, async () => readFileSync(file, "utf8"));
  assert.equal(held, String(process.pid));
  assert.ok(!existsSync(file));
  await assert.rejects(
    locked(file, async () => {
      throw new Error("a fault");
    }),
    /a fault/,
  );
  assert.ok(!existsSync(file));
});

test("a living process is named and left alone; what a dead one left is taken over", async () => {
  const file = join(root, "lock");
  const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  writeFileSync(file, String(other.pid));
  await assert.rejects(
    locked(file, async () => assert.fail("it was not refused")),
    { name: "InputError", message: new RegExp(`process ${other.pid} is at work in this folder`) },
  );
  assert.equal(readFileSync(file, "utf8"), String(other.pid));
  other.kill("SIGKILL");
  await once(other, "exit");
  assert.equal(await locked(file, async () => 7), 7);
});

test("where it is asked to, it waits until the other process lets go", async () => {
  const file = join(root, "turn");
  const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  writeFileSync(file, String(other.pid));
  const told: number[] = [];
  const held = await locked(
    file,
    async () => readFileSync(file, "utf8"),
    async (process) => {
      if (told.push(process) === 2) rmSync(file);
    },
  );
  assert.deepEqual([held, told], [String(process.pid), [other.pid, other.pid]]);
  other.kill("SIGKILL");
});
