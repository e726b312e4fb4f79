import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { InputError } from "../base/error.js";
import { HiddenStateStore, type HiddenStates } from "./store.js";

const RECORD_BYTES = 80 + 2 * 2 * 3 * 2;

/** Two levels of [2, 3] that differ between seeds. */
const statesOf = (seed: number): HiddenStates => ({
  tokens: 2,
  width: 3,
  levels: [Uint16Array.of(seed, 1, 2, 3, 4, 5), Uint16Array.of(6, 7, 8, 9, 10, seed)],
});

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "cladmop-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

const open = (folder: string, encoder = "encoder", limitBytes = 1e6): HiddenStateStore =>
  new HiddenStateStore(folder, encoder, { limitBytes });

function fill(folder: string, count: number): string {
  const store = open(folder);
  for (let i = 0; i < count; i++) store.put(`text ${i}`, statesOf(i));
  store.close();
  const [name, ...others] = readdirSync(folder);
  assert.deepEqual(others, []);
  return join(folder, name!);
}

test("states come back in a later store, for the same text and encoder only", (t) => {
  const folder = folderOf(t);
  fill(folder, 3);
  const store = open(folder);
  for (let i = 0; i < 3; i++) assert.deepEqual(store.get(`text ${i}`), statesOf(i));
  assert.equal(store.get("text 3"), undefined);
  assert.equal(open(folder, "another encoder").get("text 0"), undefined);
});

test("a store appends to the shard that a closed one, or a process that has ended, left", (t) => {
  const folder = folderOf(t);
  const left = fill(folder, 2);
  const script = `
    import { HiddenStateStore } from ${JSON.stringify(new URL("./store.js", import.meta.url).href)};
    const store = new HiddenStateStore(${JSON.stringify(folder)}, "encoder", { limitBytes: 1e6 });
    store.put("from a child", { tokens: 1, width: 1, levels: [Uint16Array.of(7)] });
    process.kill(process.pid, "SIGKILL");`;
  assert.equal(
    spawnSync(process.execPath, ["--input-type=module", "-e", script]).signal,
    "SIGKILL",
  );
  assert.notEqual(join(folder, readdirSync(folder)[0]!), left); // the child's name is on it
  const store = open(folder);
  store.put("text 2", statesOf(2));
  store.close();
  assert.equal(readdirSync(folder).length, 1);
  const reopened = open(folder);
  assert.deepEqual(reopened.get("from a child")?.levels, [Uint16Array.of(7)]);
  assert.deepEqual(reopened.get("text 2"), statesOf(2));
});

test("two open stores write to shards of their own", (t) => {
  const folder = folderOf(t);
  const [a, b] = [open(folder), open(folder)];
  a.put("a", statesOf(1));
  b.put("b", statesOf(2));
  a.put("c", statesOf(3));
  const reader = open(folder);
  for (const [i, text] of ["a", "b", "c"].entries())
    assert.deepEqual(reader.get(text), statesOf(i + 1));
});

test("a record cut off at any byte is as if never written, and the shard goes on", (t) => {
  const folder = folderOf(t);
  const path = fill(folder, 3);
  const whole = readFileSync(path);
  for (let cut = 2 * RECORD_BYTES; cut < whole.length; cut++) {
    writeFileSync(path, whole);
    truncateSync(path, cut);
    const store = open(folder);
    assert.equal(store.get("text 2"), undefined);
    assert.deepEqual(store.get("text 1"), statesOf(1));
    store.put("text 2", statesOf(2));
    store.close();
    assert.deepEqual(readFileSync(path), whole);
  }
});

test("a corrupt record is dropped once, with a warning that names the file", async (t) => {
  const folder = folderOf(t);
  const path = fill(folder, 3);
  const bytes = readFileSync(path);
  bytes[RECORD_BYTES + 100]! ^= 1;
  writeFileSync(path, bytes);
  const store = open(folder);
  const warning = once(process, "warning");
  assert.equal(store.get("text 1"), undefined);
  assert.match((await warning)[0].message, new RegExp(`${path}.*byte ${RECORD_BYTES}`));
  assert.deepEqual(store.get("text 2"), statesOf(2));
  store.put("text 1", statesOf(1));
  store.close();
  assert.deepEqual(open(folder).get("text 1"), statesOf(1));
});

test("what is not a record ends a shard, with a warning, and is overwritten", async (t) => {
  const folder = folderOf(t);
  const path = fill(folder, 2);
  const whole = readFileSync(path);
  appendFileSync(path, Buffer.alloc(200));
  const warning = once(process, "warning");
  const store = open(folder);
  assert.match((await warning)[0].message, new RegExp(`${path}.*byte ${whole.length}`));
  store.put("text 1", statesOf(1)); // is there already
  store.put("text 2", statesOf(2));
  store.close();
  assert.equal(statSync(path).size, 3 * RECORD_BYTES);
});

test("the least recently used go first, in this process and from one to the next", (t) => {
  const folder = folderOf(t);
  const limit = 4 * RECORD_BYTES; // a sixteenth holds no record: every record is a shard
  const texts = ["a", "b", "c", "d"];
  const first = open(folder, "encoder", limit);
  for (const [i, text] of texts.entries()) first.put(text, statesOf(i));
  first.get("a");
  first.put("e", statesOf(4));
  assert.deepEqual(
    texts.filter((text) => first.get(text) === undefined),
    ["b"],
  );
  first.close();

  const second = open(folder, "encoder", 2 * RECORD_BYTES); // used last: c, d
  assert.deepEqual(
    [...texts, "e"].filter((text) => second.get(text) !== undefined),
    ["c", "d"],
  );
  assert.equal(readdirSync(folder).length, 2);
});

test("bad states, a text larger than the limit and an unusable folder are refused", (t) => {
  const folder = folderOf(t);
  assert.throws(() => open(folder).put("a", { ...statesOf(1), tokens: 3 }), RangeError);
  assert.throws(() => open(folder, "e", 50).put("a", statesOf(1)), InputError);
  const file = join(folder, "file");
  writeFileSync(file, "");
  assert.throws(
    () => open(file),
    (error) => error instanceof InputError && error.message.includes(file),
  );
});
