import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Worker } from "node:worker_threads";
import { gzipSync } from "node:zlib";
import { InputError } from "./error.js";
import { fileIn, makeFolder, readText, writeWhole } from "./file.js";

const folder = mkdtempSync(join(tmpdir(), "cladmop-file-"));
after(() => rmSync(folder, { recursive: true }));

test("a file is written with the folders above it, and nothing else is left there", () => {
  const file = join(folder, "a", "b", "text");
  writeWhole(file, "old");
  writeWhole(file, "new");
  assert.equal(readFileSync(file, "utf8"), "new");
  assert.deepEqual(readdirSync(join(folder, "a", "b")), ["text"]);
});

test("a file where a folder is to be is told", () => {
  const file = join(folder, "taken");
  writeFileSync(file, "");
  const refused = {
    name: "InputError",
    message: `${file}: is a file, not a folder. Choose another folder, or move the file away`,
  };
  for (const path of [file, join(file, "below")]) assert.throws(() => makeFolder(path), refused);
  assert.throws(() => writeWhole(join(file, "text"), ""), refused);
});

test("text in another encoding than UTF-8 is refused by file and line, compressed or not", () => {
  const path = join(folder, "text");
  const read = (content: Uint8Array) => {
    writeFileSync(path, content);
    return readText(path);
  };
  const text = "\uFEFFä\n≥ 18 years\nend 💊";
  assert.equal(read(Buffer.from(text)), text);
  assert.equal(read(gzipSync(text)), text);
  // A kill may cut off the last character.
  for (const bytes of [1, 2, 3])
    assert.equal(read(Buffer.from(text).subarray(0, -bytes)), text.replace("💊", "\uFFFD"));
  const latin = Buffer.from("head\nmüde\nend\n", "latin1");
  for (const [content, line] of [
    [latin, 2],
    [gzipSync(latin), 2],
    [Buffer.from("head\nmüde", "latin1"), 2],
    [Buffer.from("head\nspät", "latin1"), 2],
    [Buffer.from("\uFEFFhead", "utf16le"), 1],
  ] as const)
    assert.throws(() => read(content), {
      name: "InputError",
      message: new RegExp(`^${path}: line ${line} is not UTF-8 text\\. Save the file as UTF-8`),
    });
});

test("threads may write one file at the same time", async () => {
  const file = join(folder, "shared");
  const [url, path] = [new URL("./file.js", import.meta.url).href, file].map((text) =>
    JSON.stringify(text),
  );
  const script = `import { writeWhole } from ${url};
    for (let i = 0; i < 50; i++) writeWhole(${path}, "whole".repeat(1000));`;
  const threads = [1, 2].map(() => {
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`));
    return once(worker, "exit"); // rejects with what the thread throws
  });
  await Promise.all(threads);
  assert.equal(readFileSync(file, "utf8"), "whole".repeat(1000));
});

test("a folder that cannot be made is an error that names the file", () => {
  // The system refuses folders there as not existing; see makeFolder.
  const file = "/proc/cladmop/text";
  assert.throws(
    () => writeWhole(file, "text"),
    (error) => error instanceof InputError && error.location.file === file,
  );
});

test("a folder without the file that it is known by is told, and the folder within that has it", () => {
  const run = join(folder, "run");
  const wanted = join(run, "inner", "model.json");
  makeFolder(join(run, "other"));
  const find = (path: string) => fileIn(path, "model.json", "model");
  const refused = (path: string, message: string) =>
    assert.throws(() => find(path), { name: "InputError", message });
  refused(run, `${run}: holds no model: there is no model.json. Name the folder of the model`);
  writeWhole(wanted, "{}");
  refused(run, `${run}: holds no model, but a folder that does. Name ${join(run, "inner")}`);
  assert.equal(find(join(run, "inner")), wanted);
  for (const path of [wanted, join(run, "absent")])
    refused(path, `${path}: is no folder. Name the folder of the model`);
});
