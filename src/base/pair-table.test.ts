import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { InputError } from "./error.js";
import { PairTable } from "./pair-table.js";
import { Random } from "./random.js";

const folder = mkdtempSync(join(tmpdir(), "cladmop-table-"));
after(() => rmSync(folder, { recursive: true }));

test("a table gives every value of every key, as a Map of lists does", () => {
  const random = new Random("pairs");
  const table = new PairTable(folder);
  const expected = new Map<number, number[]>();
  const add = (key: number, value: number) => {
    table.add(key, value);
    expected.set(key, [...(expected.get(key) ?? []), value]);
  };
  // Ends of the range, and keys that crowd there: probing goes on at the first slot.
  for (const key of [0, 1, 2 ** 32 - 1]) for (let i = 0; i < 100; i++) add(key, 2 ** 32 - 1 - i);
  for (let i = 0; i < 200_000; i++) add(random.integer(2 ** 32), i);
  for (const [key, values] of expected) {
    if (key < 2) continue; // 0 stands with 1
    assert.deepEqual(table.valuesOf(key).sort(), values.sort());
  }
  assert.equal(table.valuesOf(0).length, 200);
  assert.ok(table.has(2 ** 32 - 1, 2 ** 32 - 1) && !table.has(2 ** 32 - 1, 0));
  for (let i = 0; i < 1000; i++) {
    const key = random.integer(2 ** 32);
    if (!expected.has(key)) assert.deepEqual(table.valuesOf(key), []);
  }
  assert.deepEqual(readdirSync(folder), []); // its file has no name, so a kill leaves nothing behind
  table.close();
});

test("a large table takes no more memory than a small one, and names the folder that it cannot use", () => {
  const table = new PairTable(folder);
  const random = new Random("large");
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const buffers = () => {
    collect();
    return process.memoryUsage().arrayBuffers;
  };
  const before = buffers();
  for (let i = 0; i < 500_000; i++) table.add(random.integer(2 ** 32), i);
  const taken = buffers() - before;
  assert.ok(taken < 2 ** 21, `${taken} bytes`); // where the pairs themselves are 4 million
  table.close();

  const file = join(folder, "file");
  writeFileSync(file, "");
  const homeless = new PairTable(file);
  assert.throws(
    () => {
      for (let i = 0; i < 200_000; i++) homeless.add(random.integer(2 ** 32), i);
    },
    (error) => error instanceof InputError && error.message.includes(file),
  );
  rmSync(file);
});

test("values that are no longer current go when the table grows", () => {
  const random = new Random("current");
  const table = new PairTable(folder, (value) => value % 10 === 0);
  const keys = Array.from({ length: 5000 }, () => random.integer(2 ** 32));
  for (const [value, key] of keys.entries()) table.add(key, value);
  const left = keys.filter((key, value) => table.has(key, value));
  assert.ok(left.length < 1500, `${left.length}`); // 500, and those since the table grew last
  for (let value = 0; value < keys.length; value += 10) assert.ok(table.has(keys[value]!, value));
});
