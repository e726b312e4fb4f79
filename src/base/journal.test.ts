import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Journal } from "./journal.js";

const root = mkdtempSync(join(tmpdir(), "cladmop-journal-"));
after(() => rmSync(root, { recursive: true }));

test("what was put is there for the next one who opens the file", () => {
  const path = join(root, "new", "values.ndjson");
  const journal = new Journal<number[]>(path);
  assert.equal(journal.get("a"), undefined);
  journal.put("a", [1]);
  journal.put("b", [2]);
  journal.put("a", [3]);
  for (const one of [journal, new Journal<number[]>(path)]) {
    assert.deepEqual(one.get("a"), [3]);
    assert.deepEqual(one.get("b"), [2]);
  }
});

test("a line that a kill cut is passed over, and the next one is whole", async () => {
  const path = join(root, "cut.ndjson");
  new Journal<number>(path).put("a", 1);
  appendFileSync(path, '{"key":"b","val');
  const warned = new Promise<Error>((resolve) => process.once("warning", resolve));
  const journal = new Journal<number>(path);
  assert.match((await warned).message, /line 2 is not whole/);
  assert.equal(journal.get("b"), undefined);
  journal.put("b", 2);
  process.once("warning", () => {});
  const again = new Journal<number>(path);
  assert.deepEqual([again.get("a"), again.get("b")], [1, 2]);
  assert.equal(readFileSync(path, "utf8").split("\n").length, 4);
});

test("a folder that is a file is an error of the input", () => {
  const file = join(root, "file");
  writeFileSync(file, "");
  const journal = new Journal<number>(join(file, "values.ndjson"));
  assert.throws(() => journal.put("a", 1), { name: "InputError" });
});
