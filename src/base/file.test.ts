import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Worker } from "node:worker_threads";
import { InputError } from "./error.js";
import { writeWhole } from "./file.js";

const folder = mkdtempSync(join(tmpdir(), "cladmop-file-"));
after(() => rmSync(folder, { recursive: true }));

test("a file is written with the folders above it, and nothing else is left there", () => {
  const file = join(folder, "a", "b", "text");
  writeWhole(file, "old");
  writeWhole(file, "new");
  assert.equal(readFileSync(file, "utf8"), "new");
  assert.deepEqual(readdirSync(join(folder, "a", "b")), ["text"]);
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
  writeWhole(join(folder, "plain"), "a file");
  // The system refuses folders there as not existing; see makeFolder.
  for (const file of [join(folder, "plain", "text"), "/proc/cladmop/text"])
    assert.throws(
      () => writeWhole(file, "text"),
      (error) => error instanceof InputError && error.location.file === file,
    );
});
