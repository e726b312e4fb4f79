import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { readLines, writeLinesGzip } from "./lines.js";

const folder = mkdtempSync(join(tmpdir(), "cladmop-lines-"));
after(() => rmSync(folder, { recursive: true }));

async function read(name: string, content: string | Uint8Array): Promise<string[]> {
  writeFileSync(join(folder, name), content);
  return textsOf(join(folder, name));
}

async function textsOf(path: string): Promise<string[]> {
  const lines: string[] = [];
  let share = 0;
  for await (const line of readLines(path)) {
    assert.ok(share <= line.share && line.share <= 1);
    share = line.share;
    lines.push(line.text);
  }
  return lines;
}

test("lines are read from plain and compressed files, in any number of gzip members", async () => {
  // A separator of lines for some, U+2028 may stand inside JSON; ä is cut by no chunk.
  const lines = ["a\u2028b", "", "ä".repeat(100_000), "end"];
  const text = lines.join("\n");
  assert.deepEqual(await read("plain", text), lines);
  assert.deepEqual(await read("ended", `${text}\n`), lines);
  const [first, second] = [text.slice(0, 50), text.slice(50)];
  const members = Buffer.concat([gzipSync(first), gzipSync(second)]);
  assert.deepEqual(await read("members.gz", members), lines);
  assert.deepEqual(await read("empty", ""), []);
});

test("a file that cannot be read is named, with the line that is not UTF-8", async () => {
  const latin = Buffer.from("head\nmüde\nend\n", "latin1");
  for (const content of [latin, gzipSync(latin)])
    await assert.rejects(read("latin", content), /latin: line 2 is not UTF-8 text\. Save the file/);
  const whole = gzipSync(Buffer.from("text ".repeat(1000)));
  await assert.rejects(read("cut.gz", whole.subarray(0, -9)), /cut\.gz: is not a whole gzip file/);
  await assert.rejects(textsOf(join(folder, "absent")), /absent: cannot be read: ENOENT/);
  await assert.rejects(textsOf(folder), /cannot be read: EISDIR/);
});

test("lines are written as a whole or not at all", async () => {
  const path = join(folder, "new", "out.gz");
  async function* lines(end?: Error) {
    for (let i = 0; i < 3; i++) yield `line ${i}`;
    if (end) throw end;
  }
  const failure = new RangeError("at the end");
  await assert.rejects(writeLinesGzip(path, lines(failure)), failure);
  assert.deepEqual(readdirSync(join(folder, "new")), []);
  await writeLinesGzip(path, lines());
  assert.equal(gunzipSync(readFileSync(path)).toString(), "line 0\nline 1\nline 2\n");
  await assert.rejects(
    writeLinesGzip(join(path, "below a file"), lines()),
    /out\.gz: is a file, not a folder\. Choose another folder/,
  );
});
