import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { NEEDS_REDIS, TestProcess, TestRedis } from "../jobs/test-redis.js";
import type { CellResult } from "./result.js";
import { fixture } from "./test-support.js";

const main = fileURLToPath(new URL("../cli/main.js", import.meta.url));

test("a grid gives on two workers what it gives on one machine", NEEDS_REDIS, async () => {
  const { root, write } = await fixture();
  write(
    "grid.yaml",
    `
encoder: language/encoder
datasets:
  one: { train: train.csv, valid: valid.csv, test: test.csv }
seeds: [1]
models:
  scratch: { pretrained: false, levels: [3], centroids: [4], members: 1, shallow: false, finetuning: { epochs: 1 } }
experiments:
  - { task: supervised, methods: [tf-idf-words, scratch] }
  - { task: few-shot, methods: [knn], shots: [1, 500] }
`,
  );
  const redis = await TestRedis.start();
  const cladmop = (...args: string[]) => new TestProcess([main, ...args], { cwd: root });
  const workers = [1, 2].map(() => cladmop("worker", "--queue", redis.url, "--threads", "1"));
  const run = async (out: string, ...more: string[]) => {
    const grid = cladmop("benchmark", "grid.yaml", "--out", out, "--threads", "1", ...more);
    assert.equal(await grid.ended, 1, grid.said); // one of the cells cannot be
    assert.match(
      grid.said,
      /Failed: few-shot on one: knn, shots 500, seed 1: train\.csv: has fewer/,
    );
    const file = (...names: string[]) => readFileSync(join(root, out, ...names), "utf8");
    const cells = file("results.ndjson")
      .trimEnd()
      .split("\n")
      .map((line) => {
        const { seconds: _, ...cell } = JSON.parse(line) as CellResult;
        return { ...cell, predictions: file("predictions", `${cell.id}.json`) };
      });
    return cells.sort((a, b) => (a.id < b.id ? -1 : 1));
  };
  const alone = await run("alone");
  assert.equal(alone.length, 3);
  assert.deepEqual(await run("queued", "--queue", redis.url), alone);
  assert.ok(existsSync(join(root, "queued", "cache")));
  assert.deepEqual(readdirSync(join(root, "queued", "results")), []);
  for (const worker of workers) {
    worker.process.kill("SIGTERM");
    assert.equal(await worker.ended, 0, worker.said);
    assert.match(worker.said, /Done in/);
  }
  await redis.stop();
});
