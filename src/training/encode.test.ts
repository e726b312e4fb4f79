import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Progress } from "../base/watcher.js";
import { writeRandomEncoder } from "../language/test-support.js";
import { encodeFiles } from "./encode.js";
import { studiesNdjson } from "./test-support.js";

const root = mkdtempSync(join(tmpdir(), "cladmop-encode-"));
after(() => rmSync(root, { recursive: true }));

const encoder = join(root, "encoder");
writeRandomEncoder(encoder, ["Adults with gout"], { width: 8, blocks: 3, context: 64 });
const file = join(root, "trials.ndjson");
const TRIALS = 150;
writeFileSync(file, studiesNdjson(TRIALS));

const optionsIn = (cache: string, cacheLimit = 1) => ({
  ...{
    files: [file],
    encoder,
    preset: "default" as const,
    device: "cpu" as const,
    threads: 1,
    jobs: 1,
    skipInvalid: false,
  },
  ...{ cache: join(root, cache), cacheLimit },
});

/** A watcher that asks to stop once so many trials are encoded. */
function watcherUntil(stopAt = Number.POSITIVE_INFINITY) {
  const reports: Progress[] = [];
  return {
    reports,
    report: (progress: Progress) => reports.push(progress),
    say: () => {},
    stopping: () =>
      reports.at(-1)?.stage === "Encoding eligibility criteria" && reports.at(-1)!.done >= stopAt,
  };
}

const contents = (cache: string) =>
  readdirSync(join(root, cache))
    .sort()
    .map((name) => [name, readFileSync(join(root, cache, name), "hex")]);

test("encoding goes on after a stop, to the same files as without one", async () => {
  const watcher = watcherUntil();
  const { seconds, ...first } = await encodeFiles(optionsIn("whole"), watcher);
  assert.ok(seconds > 0);
  assert.deepEqual([first.trials, first.cached], [TRIALS, 0]);
  const { done, total } = watcher.reports.at(-1)!;
  assert.deepEqual([done, total], [TRIALS, TRIALS]);

  const stopped = encodeFiles(optionsIn("stopped"), watcherUntil(64));
  await assert.rejects(stopped, { name: "Interrupted", message: /stopped; go on by running/ });
  assert.equal(readdirSync(join(root, "stopped")).length, 1);
  const rest = await encodeFiles(optionsIn("stopped"), watcherUntil());
  assert.equal(rest.cached, 64);
  assert.ok(0 < rest.tokens && rest.tokens < first.tokens);
  assert.deepEqual(contents("stopped"), contents("whole"));
});

test("a cache too small for what is encoded is refused, and what is finished is kept", async () => {
  const bytes = readFileSync(join(root, "whole", readdirSync(join(root, "whole"))[0]!)).length;
  const small = encodeFiles(optionsIn("small", (1.5 * bytes) / 1e9), watcherUntil());
  await assert.rejects(small, { name: "InputError", message: /Raise the size limit of the cache/ });
  const [kept, ...others] = readdirSync(join(root, "small"));
  assert.deepEqual(others, []);
  assert.ok(contents("whole").some(([name]) => name === kept));
  assert.equal((await encodeFiles(optionsIn("small"), watcherUntil())).cached, 64);
});
