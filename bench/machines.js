// What does a trial cost through a queue, beside the same work in one process? Encoding and prediction of real trials
// with the shipped encoder and model, by `cladmop encode` and `cladmop predict --out`, each on one core a job.
//
//   node bench/machines.js TRIALS [--trials 64,320] [--workers 0,1,2] [--encoder FOLDER]
//
// TRIALS is a file of trials, such as TOP's phase_I_train.csv. Each command is run on the first so many trials and on more:
// the difference is what a trial costs, the rest is start-up (loading a model, verifying its files). Needs redis-server.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { freePort } from "../dist/jobs/test-port.js";
import { SHIPPED_MODEL } from "../dist/serving/index.js";
import { readTrials, toStudy } from "../dist/trial/index.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    trials: { type: "string", default: "64,320" },
    workers: { type: "string", default: "0,1,2" },
    encoder: { type: "string", default: join(SHIPPED_MODEL, "encoder") },
  },
});
const [file] = positionals;
const [few, many] = values.trials.split(",").map(Number);
const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "cladmop-machines-"));
const port = await freePort();
const queue = `redis://127.0.0.1:${port}`;

const { records } = readTrials(file, { skipInvalid: true });
if (records.length < many)
  throw new Error(`${file} has ${records.length} trials, fewer than ${many}`);
for (const count of [few, many])
  writeFileSync(
    join(folder, `${count}.ndjson`),
    records
      .slice(0, count)
      .map((record) => `${JSON.stringify(toStudy(record))}\n`)
      .join(""),
  );

let runs = 0;
/** Seconds of a command on so many trials, in folders of its own. */
function secondsOf(command, count, isQueued) {
  const own = join(folder, `run-${runs++}`);
  const input = join(folder, `${count}.ndjson`);
  const args =
    command === "encode"
      ? ["encode", input, "--encoder", values.encoder, "--cache", own]
      : ["predict", input, "--out", `${own}.ndjson`, ...(isQueued ? ["--shared", own] : [])];
  const where = isQueued ? ["--queue", queue] : ["--threads", "1"];
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [main, ...args, ...where], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return (performance.now() - start) / 1000;
}

/** One job at a time in this process, or workers at the queue. */
async function measure(workers) {
  const children = Array.from({ length: workers }, () =>
    spawn(process.execPath, [main, "worker", "--queue", queue, "--threads", "1"], {
      stdio: ["ignore", "ignore", "pipe"],
    }),
  );
  await Promise.all(children.map(({ stderr }) => once(stderr, "data"))); // it says that it is at work
  for (const child of children) child.stderr.resume();
  const rows = ["encode", "predict"].map((command) => {
    const [first, second] = [few, many].map((count) => secondsOf(command, count, workers > 0));
    const each = (second - first) / (many - few);
    return [
      command,
      workers === 0 ? "in this process" : `${workers} worker${workers > 1 ? "s" : ""} at a queue`,
      (1000 * each).toFixed(1),
      (first - few * each).toFixed(1),
    ];
  });
  for (const child of children) {
    child.kill("SIGTERM");
    await once(child, "exit");
  }
  return rows;
}

const redis = spawn("redis-server", ["--port", String(port), "--save", ""], { stdio: "ignore" });
redis.on("error", (error) => {
  throw new Error(`redis-server: ${error.message}`);
});
await sleep(500);
const table = new Table({
  head: ["command", "where", "ms a trial", "s to start"],
  style: { head: [], border: [] },
});
for (const workers of values.workers.split(",").map(Number))
  table.push(...(await measure(workers)));
console.log(`${many} trials of ${file}, ${availableParallelism()} cores, one a job`);
console.log(table.toString());
redis.kill();
rmSync(folder, { recursive: true });
