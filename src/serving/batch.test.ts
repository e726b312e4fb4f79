import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { NEEDS_REDIS, TestRedis, TestWorker } from "../jobs/test-redis.js";
import { readTrials } from "../trial/index.js";
import { type BatchOptions, predictBatch } from "./batch.js";
import { loadPredictor, predictionLine, SHIPPED_MODEL } from "./index.js";
import { madeUpTrials, topCsv } from "./test-support.js";

const root = mkdtempSync(join(tmpdir(), "cladmop-batch-"));
after(() => rmSync(root, { recursive: true }));
const at = (name: string) => join(root, name);
/** Two lots. */
const TRIALS = 70;
writeFileSync(at("trials.csv"), topCsv(madeUpTrials(TRIALS, 101)));

function predict(out: string, more: Partial<BatchOptions> = {}, stopAt = Number.POSITIVE_INFINITY) {
  const options = {
    inputs: [at("trials.csv")],
    jobs: 1,
    device: "cpu" as const,
    threads: 1,
    skipInvalid: false,
  };
  const said: string[] = [];
  let done = 0;
  const summary = predictBatch(
    { ...options, out: at(out), ...more },
    {
      report: (progress) => {
        done = progress.done;
      },
      say: (line) => said.push(line),
      stopping: () => done >= stopAt,
    },
  );
  return summary.then((result) => ({ ...result, said }));
}
const text = (name: string) => readFileSync(at(name), "utf8");

test("lots are predicted in order; a stopped run goes on, to the same file", async () => {
  await assert.rejects(predict("out.ndjson", {}, 64), {
    name: "Interrupted",
    message: /out\.ndjson\.parts; go on by running/,
  });
  assert.ok(!existsSync(at("out.ndjson")));
  assert.equal(readdirSync(at("out.ndjson.parts/results")).length, 1);
  const { trials, failures, warning } = await predict("out.ndjson");
  assert.deepEqual([trials, failures], [TRIALS, []]);
  assert.match(warning!, /^the model has seen \d+ of these 70 trials/);
  assert.ok(!existsSync(at("out.ndjson.parts")));
  const predictor = await loadPredictor(SHIPPED_MODEL, { device: "cpu", threads: 1 });
  const own = readTrials(at("trials.csv")).records.map(({ trial }) => trial);
  const expected = await predictor.predict(own);
  await predictor.release();
  assert.equal(text("out.ndjson"), expected.map((one) => `${predictionLine(one)}\n`).join(""));
});

test("a bad row is refused, or listed beside the file", async () => {
  const lines = topCsv(madeUpTrials(2, 1)).split("phase 1");
  writeFileSync(at("bad.csv"), `${lines[0]}phase 9${lines[1]}phase 1${lines[2]}`);
  const inputs = [at("bad.csv")];
  await assert.rejects(predict("bad.ndjson", { inputs }), {
    name: "InputError",
    message: /bad\.csv, row 1, field "phase": is unknown/,
  });
  const { trials, said } = await predict("bad.ndjson", { inputs, skipInvalid: true });
  assert.equal(trials, 1);
  assert.match(said.join(), /1 bad row was skipped and listed in .*bad\.ndjson\.invalid\.ndjson/);
});

test(
  "with a worker that is killed and one that comes late, the file is the same",
  NEEDS_REDIS,
  async () => {
    const redis = await TestRedis.start();
    const first = new TestWorker(redis.url);
    const running = predict("queued.ndjson", { queue: redis.url, shared: at("shared") });
    running.catch(() => {});
    await first.saying(/Started: /);
    first.process.kill("SIGKILL");
    const late = new TestWorker(redis.url);
    await running;
    assert.equal(text("queued.ndjson"), text("out.ndjson"));
    late.process.kill("SIGTERM");
    assert.equal(await late.ended, 0, late.said);
    await redis.stop();
  },
);
