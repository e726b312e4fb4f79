import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { InputError } from "../base/error.js";
import type { HiddenStates } from "./shard.js";
import { HiddenStateStore } from "./store.js";

/** Head and table of three texts, and their states. */
const HEAD_BYTES = 16 + 3 * 68;
const STATE_BYTES = 2 * 2 * 3 * 2;
const SHARD_BYTES = HEAD_BYTES + 3 * STATE_BYTES;

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

const THREE = ["text 0", "text 1", "text 2"];

function writeThree(store: HiddenStateStore): void {
  store.write(
    THREE,
    THREE.map((_, i) => statesOf(i)),
  );
}

/** Writes a shard of three texts. @returns its path */
function fill(folder: string): string {
  const store = open(folder);
  writeThree(store);
  store.close();
  const [name, ...others] = readdirSync(folder);
  assert.deepEqual(others, []);
  return join(folder, name!);
}

/** Warnings from now on, which are not printed. */
function warnings(t: TestContext): () => Promise<string[]> {
  const printers = process.listeners("warning");
  const messages: string[] = [];
  process.removeAllListeners("warning");
  process.on("warning", ({ message }) => messages.push(message));
  t.after(() => {
    process.removeAllListeners("warning");
    for (const printer of printers) process.on("warning", printer);
  });
  return async () => {
    await new Promise(setImmediate); // they are emitted later
    return messages;
  };
}

test("states come back in a later store, for the same text and encoder only", (t) => {
  const folder = folderOf(t);
  fill(folder);
  const store = open(folder);
  for (const [i, text] of THREE.entries()) {
    assert.ok(store.has(text));
    assert.deepEqual(store.get(text), statesOf(i));
  }
  assert.ok(!store.has("text 3"));
  assert.equal(store.get("text 3"), undefined);
  const other = open(folder, "another encoder");
  assert.equal(other.get("text 0"), undefined);
  other.write(["text 0"], [statesOf(5)]);
  assert.deepEqual(other.get("text 0"), statesOf(5));
  assert.deepEqual(store.get("text 0"), statesOf(0));
});

test("texts of any number of tokens share a shard", (t) => {
  const folder = folderOf(t);
  const states = [3, 0, 1].map((tokens) => ({
    tokens,
    width: 2,
    levels: [new Uint16Array(tokens * 2).fill(tokens)],
  }));
  open(folder).write(THREE, states);
  const store = open(folder);
  for (const [i, text] of THREE.entries()) assert.deepEqual(store.get(text), states[i]);
});

test("the same texts are the same file, whoever writes it; in another order another", (t) => {
  const folder = folderOf(t);
  const path = fill(folder);
  const bytes = readFileSync(path);
  const again = open(folder);
  writeThree(again);
  assert.deepEqual(readdirSync(folder).length, 1);
  assert.deepEqual(readFileSync(path), bytes);
  assert.ok(path.endsWith(`-${again.idOf(THREE)}.shard`));
  assert.notEqual(again.idOf(THREE), again.idOf(THREE.toReversed()));
});

test("an open store sees what others add and delete", async (t) => {
  const folder = folderOf(t);
  const [a, b] = [open(folder), open(folder)];
  assert.equal(a.get("b"), undefined);
  b.write(["b"], [statesOf(2)]);
  a.write(["a"], [statesOf(1)]);
  const seen = async (store: HiddenStateStore, text: string) => {
    // A store looks again only after some time, by how long it took.
    while (!store.has(text)) await new Promise((resolve) => setTimeout(resolve, 1));
    return store.get(text);
  };
  assert.deepEqual(await seen(a, "b"), statesOf(2));
  assert.deepEqual(await seen(b, "a"), statesOf(1));
  a.close();
  const reader = open(folder);
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
  for (const text of ["a", "b"]) assert.equal(reader.get(text), undefined);
});

test("what a kill left behind is ignored, and removed when nobody can be writing it", async (t) => {
  const folder = folderOf(t);
  const path = fill(folder);
  const temporary = `${path}.4711.42.tmp`;
  writeFileSync(temporary, readFileSync(path).subarray(0, 100));
  assert.ok(open(folder).has("text 1"));
  assert.equal(readdirSync(folder).length, 2);
  const twoHoursAgo = Date.now() / 1000 - 7200;
  utimesSync(temporary, twoHoursAgo, twoHoursAgo);
  assert.ok(open(folder).has("text 1"));
  assert.equal(readdirSync(folder).length, 1);
});

test("a shard that was cut off anywhere counts as absent, and is written again", async (t) => {
  const messages = warnings(t);
  const folder = folderOf(t);
  const path = fill(folder);
  const whole = readFileSync(path);
  const cuts = [...Array(HEAD_BYTES + 1).keys()].filter((cut) => cut % 7 === 0);
  for (const cut of [...cuts, HEAD_BYTES, SHARD_BYTES - 1]) {
    writeFileSync(path, whole.subarray(0, cut));
    const store = open(folder);
    for (const text of THREE) assert.equal(store.get(text), undefined);
    assert.match((await messages()).pop()!, /\.shard: (is|ends|has) .*; its texts are computed/);
    assert.deepEqual(await messages(), []); // one warning a store
    writeThree(store);
    for (const [i, text] of THREE.entries()) assert.deepEqual(store.get(text), statesOf(i));
    assert.deepEqual(readFileSync(path), whole);
  }
});

test("whichever byte is altered, states come back right or not at all", async (t) => {
  const messages = warnings(t);
  for (let at = 0; at < SHARD_BYTES; at++) {
    const folder = folderOf(t);
    const path = fill(folder);
    const bytes = readFileSync(path);
    bytes[at]! ^= 1;
    writeFileSync(path, bytes);
    const store = open(folder);
    const lost = THREE.filter((text, i) => {
      const states = store.get(text);
      if (states !== undefined) assert.deepEqual(states, statesOf(i));
      return states === undefined;
    });
    const isRecord = at >= HEAD_BYTES;
    assert.ok(isRecord ? lost.length === 1 : lost.length > 0, `byte ${at}`);
    assert.match((await messages()).pop()!, new RegExp(`^${path}: `));
    store.write(
      lost,
      lost.map((text) => statesOf(THREE.indexOf(text))),
    );
    if (isRecord) assert.ok(!readdirSync(folder).some((name) => path.endsWith(name)));
    const reopened = open(folder);
    for (const [i, text] of THREE.entries()) assert.deepEqual(reopened.get(text), statesOf(i));
    assert.equal((await messages()).length, 0, `byte ${at}`);
  }
});

/** The file of a text that has a shard of its own. */
const pathOf = (folder: string, store: HiddenStateStore, text: string): string | undefined =>
  readdirSync(folder)
    .filter((name) => name.includes(store.idOf([text])))
    .map((name) => join(folder, name))[0];

/** Sets the time at which a text's shard was used last. */
function age(folder: string, store: HiddenStateStore, text: string, hours: number): void {
  const time = Date.now() / 1000 - 3600 * hours;
  utimesSync(pathOf(folder, store, text)!, time, time);
}

test("the least recently used go first, whichever encoder's they are", (t) => {
  const folder = folderOf(t);
  const bytes = 16 + 68 + STATE_BYTES;
  const texts = ["a", "b", "c", "d"];
  const first = open(folder);
  for (const [i, text] of texts.entries()) {
    first.write([text], [statesOf(i)]);
    age(folder, first, text, 10 - i);
  }
  const isLeft = (store: HiddenStateStore, text: string) =>
    pathOf(folder, store, text) !== undefined;
  const left = () => texts.filter((text) => isLeft(first, text));

  const reader = open(folder, "encoder", 4 * bytes);
  assert.deepEqual(reader.get("a"), statesOf(0));
  const other = open(folder, "another encoder", 4 * bytes);
  other.write(["e"], [statesOf(4)]);
  assert.deepEqual(left(), ["a", "c", "d"]); // "b" was the oldest: "a" has been used since
  open(folder, "encoder", 3 * bytes); // used last: "d", "a", "e"
  assert.deepEqual(left(), ["a", "d"]);
  assert.ok(isLeft(other, "e"));
});

test("a store does not delete what it has used, and says that the limit is too small", (t) => {
  const folder = folderOf(t);
  const bytes = 16 + 68 + STATE_BYTES;
  const store = open(folder, "encoder", 2 * bytes);
  store.write(["a"], [statesOf(1)]);
  store.write(["b"], [statesOf(2)]);
  assert.throws(() => store.write(["c"], [statesOf(3)]), {
    name: "InputError",
    message: /the hidden states in use take 3.24e-7 GB where 2.16e-7 are allowed\. Raise the size/,
  });
  for (const text of ["a", "b"]) assert.ok(open(folder).has(text));
});

test("bad states and an unusable folder are refused", (t) => {
  const folder = folderOf(t);
  const store = open(folder);
  assert.throws(() => store.write(["a"], [{ ...statesOf(1), tokens: 3 }]), RangeError);
  assert.throws(
    () => store.write(["a", "b"], [statesOf(1), { ...statesOf(1), levels: [] }]),
    RangeError,
  );
  assert.deepEqual(readdirSync(folder), []);
  const file = join(folder, "file");
  writeFileSync(file, "");
  assert.throws(
    () => open(file),
    (error) => error instanceof InputError && error.message.includes(file),
  );
});

test("where no more can be written, what is finished stays", {
  skip: process.platform === "win32",
}, (t) => {
  const folder = folderOf(t);
  const script = `
    import { HiddenStateStore } from ${JSON.stringify(new URL("./store.js", import.meta.url).href)};
    const store = new HiddenStateStore(${JSON.stringify(folder)}, "encoder", { limitBytes: 1e9 });
    const states = (tokens) => [{ tokens, width: 1, levels: [new Uint16Array(tokens)] }];
    store.write(["small"], states(1000));
    store.write(["large"], states(100000));`;
  // No file may be larger than 64 blocks of 512 or 1024 bytes: as a full disk, without one.
  const { status, stderr } = spawnSync(
    "sh",
    [
      "-c",
      `trap '' XFSZ; ulimit -f 64; exec "$0" "$@"`,
      process.execPath,
      "--input-type=module",
      "-e",
      script,
    ],
    { encoding: "utf8" },
  );
  assert.equal(status, 1);
  assert.match(stderr, /cache cannot be used: cannot be written: .*what is finished is kept/);
  const [name, ...others] = readdirSync(folder);
  assert.deepEqual(others, []);
  assert.equal(statSync(join(folder, name!)).size, 16 + 68 + 2000);
  assert.equal(open(folder).get("small")?.tokens, 1000);
});
