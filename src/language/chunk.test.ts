import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { chunksOf, encodeChunk, encodeThroughStore } from "./chunk.js";
import { HiddenStateStore } from "./store.js";
import { lotEncoder } from "./test-support.js";

const root = mkdtempSync(join(tmpdir(), "cladmop-chunk-"));
after(() => rmSync(root, { recursive: true }));
let folders = 0;
const newFolder = () => join(root, `${folders++}`);
const open = (folder: string) => new HiddenStateStore(folder, "key", { limitBytes: 1e6 });

/** 400 texts, every seventh of which comes again later. */
const TEXTS = Array.from({ length: 400 }, (_, i) => `text ${i % 7 === 6 ? i / 2 : i}`);

async function chunksIn(texts: Iterable<string>): Promise<string[][]> {
  const chunks: string[][] = [];
  for await (const chunk of chunksOf(texts, newFolder())) chunks.push(chunk);
  return chunks;
}

/** The files of a folder by name. */
const contents = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => [name, readFileSync(join(folder, name), "hex")]),
  );

test("chunks have 64 texts, or fewer that are long, each text once and in order", async () => {
  const texts = Array.from({ length: 150 }, (_, i) => String(i));
  const chunks = await chunksIn([...texts, ...texts]);
  assert.deepEqual(
    chunks.map(({ length }) => length),
    [64, 64, 22],
  );
  assert.deepEqual(chunks.flat(), texts);
  const long = [60_000, 60_000, 60_000, 200_000, 11_072, 131_072, 1].map((length, i) =>
    String(i).padEnd(length),
  );
  const lengths = (await chunksIn(long)).map((chunk) => chunk.map((text) => text.length));
  assert.deepEqual(lengths, [[60_000, 60_000], [60_000], [200_000], [11_072], [131_072], [1]]);
  assert.deepEqual(await chunksIn([]), []);
});

test("texts are encoded once, in chunks, and found again", async () => {
  const folder = newFolder();
  const { encoder, lots } = lotEncoder();
  const texts = Array.from({ length: 100 }, (_, i) => `text ${i}`);
  const told: [number, number][] = [];
  const fill = (all: Iterable<string> | AsyncIterable<string>) =>
    encodeThroughStore(all, encoder, open(folder), (...now) => told.push(now));
  assert.deepEqual(await fill(texts.slice(0, 10)), { cached: 0, tokens: 10 });
  async function* streamed(): AsyncGenerator<string> {
    yield* texts;
    yield* texts;
  }
  assert.deepEqual(await fill(streamed()), { cached: 110, tokens: 90 });
  assert.deepEqual(lots, [10, 54, 36]);
  assert.deepEqual(told, [
    [10, 10],
    [64, 54],
    [200, 90],
  ]);
  assert.deepEqual(await fill(texts), { cached: 100, tokens: 0 });

  // A record that was damaged is encoded again, not missed later.
  const shard = join(folder, readdirSync(folder)[0]!);
  const bytes = readFileSync(shard);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(shard, bytes);
  assert.deepEqual(await fill(texts), { cached: 99, tokens: 1 });
  const store = open(folder);
  for (const text of texts) assert.ok(store.get(text));
});

test("a store becomes the same byte by byte: killed and resumed, in any order, by several at once", async () => {
  const whole = newFolder();
  await encodeThroughStore(TEXTS, lotEncoder().encoder, open(whole), () => {});
  const expected = contents(whole);
  assert.equal(Object.keys(expected).length, 6);

  const start = (folder: string) =>
    spawn(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        `
        import { HiddenStateStore } from ${JSON.stringify(new URL("./store.js", import.meta.url))};
        import { encodeThroughStore } from ${JSON.stringify(new URL("./chunk.js", import.meta.url))};
        import { lotEncoder } from ${JSON.stringify(new URL("./test-support.js", import.meta.url))};
        const store = new HiddenStateStore(${JSON.stringify(folder)}, "key", { limitBytes: 1e6 });
        const { encoder } = lotEncoder(20);
        await encodeThroughStore(${JSON.stringify(TEXTS)}, encoder, store, (texts) => console.log(texts));`,
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );

  const killed = newFolder();
  const child = start(killed);
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "exit");
  const finished = contents(killed);
  assert.ok(Object.keys(finished).length < Object.keys(expected).length);
  await encodeThroughStore(TEXTS, lotEncoder().encoder, open(killed), () => {});
  for (const name of readdirSync(killed)) if (name.endsWith(".tmp")) rmSync(join(killed, name));
  assert.deepEqual(contents(killed), expected);

  const backwards = newFolder();
  for (const chunk of (await chunksIn(TEXTS)).toReversed())
    await encodeChunk(chunk, lotEncoder().encoder, open(backwards));
  assert.deepEqual(contents(backwards), expected);

  const shared = newFolder();
  const codes = await Promise.all(
    [start(shared), start(shared)].map(async (one) => {
      one.stdout.resume();
      return (await once(one, "exit"))[0];
    }),
  );
  assert.deepEqual(codes, [0, 0]);
  assert.deepEqual(contents(shared), expected);
});
