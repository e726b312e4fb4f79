import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
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

test("a folder that cannot be made is an error that names the file", () => {
  writeWhole(join(folder, "plain"), "a file");
  // The system refuses folders there as not existing; see makeFolder.
  for (const file of [join(folder, "plain", "text"), "/proc/cladmop/text"])
    assert.throws(
      () => writeWhole(file, "text"),
      (error) => error instanceof InputError && error.location.file === file,
    );
});
