import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { NEEDS_REDIS, TestProcess, TestRedis } from "../jobs/test-redis.js";
import { startS3 } from "../jobs/test-s3.js";
import { writeRandomEncoder } from "../language/test-support.js";
import { studiesNdjson } from "./test-support.js";

const root = mkdtempSync(join(tmpdir(), "cladmop-encode-queue-"));
const redis = NEEDS_REDIS.skip ? undefined : await TestRedis.start();
const s3 = NEEDS_REDIS.skip ? undefined : await startS3();
after(async () => {
  await redis?.stop();
  await s3?.stop();
  rmSync(root, { recursive: true });
});
writeRandomEncoder(join(root, "encoder"), ["Adults with gout"], {
  width: 8,
  blocks: 3,
  context: 64,
});
writeFileSync(join(root, "trials.ndjson"), studiesNdjson(150));

const main = fileURLToPath(new URL("../cli/main.js", import.meta.url));
const cladmop = (...args: string[]) =>
  new TestProcess([main, ...args], { cwd: root, env: { ...process.env, ...s3?.env } });
const encode = (...more: string[]) =>
  cladmop("encode", "trials.ndjson", "--encoder", "encoder", "--json", ...more);
const contents = (cache: string) =>
  readdirSync(join(root, cache))
    .filter((name) => name.endsWith(".shard"))
    .sort()
    .map((name) => [name, readFileSync(join(root, cache, name), "hex")]);

test(
  "workers write the shards of the one-machine run, to a shared folder and through a bucket",
  NEEDS_REDIS,
  async () => {
    const alone = encode("--cache", "alone");
    assert.equal(await alone.ended, 0, alone.said);
    const worker = cladmop("worker", "--queue", redis!.url, "--jobs", "2", "--threads", "1");
    for (const [cache, ...more] of [["folder"], ["bucket", "--shared", "s3://shared/states"]]) {
      const queued = encode("--queue", redis!.url, "--cache", cache!, ...more);
      assert.equal(await queued.ended, 0, queued.said + worker.said);
      const [first, second] = [alone, queued].map(({ said }) =>
        JSON.parse(/^\{.*\}$/m.exec(said)![0]),
      );
      assert.deepEqual(
        [second.trials, second.tokens, second.cached],
        [first.trials, first.tokens, 0],
      );
      assert.deepEqual(contents(cache!), contents("alone"));
    }
    worker.process.kill("SIGTERM");
    assert.equal(await worker.ended, 0, worker.said);
  },
);
