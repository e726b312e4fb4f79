import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { InputError } from "../base/error.js";
import { type RunConfiguration, RunFolder } from "./run-folder.js";

const root = mkdtempSync(join(tmpdir(), "cladmop-run-"));
after(() => rmSync(root, { recursive: true }));

const CONFIGURATION: RunConfiguration = {
  command: "finetune",
  seed: 1,
  settings: { rate: 0.1, levels: [1, 2] },
  data: { "train.csv": "abc" },
};
const tensorsOf = (value: number) =>
  new Map([["weight", { shape: [2], data: Float32Array.of(value, -value) }]]);

/** Asserts an InputError with file, field and a part of its problem. */
function refused(action: () => unknown, file: string, problem: RegExp, field?: string): void {
  assert.throws(action, (error) => {
    assert.ok(error instanceof InputError, String(error));
    assert.deepEqual([error.location.file, error.location.field], [file, field]);
    assert.match(error.problem, problem);
    return true;
  });
}

test("a folder holds one run, and only that run is resumed in it", () => {
  const path = join(root, "deep", "run");
  const config = join(path, "config.json");
  RunFolder.open(path, CONFIGURATION, true); // nothing to resume yet
  assert.deepEqual(JSON.parse(readFileSync(config, "utf8")), CONFIGURATION);
  refused(() => RunFolder.open(path, CONFIGURATION, false), path, /already holds a run/);
  RunFolder.open(path, structuredClone(CONFIGURATION), true);
  RunFolder.open(path, { ...CONFIGURATION, encoder: "a/b@c" }, true); // its hash is in the settings
  const others: Record<string, Partial<RunConfiguration>> = {
    command: { command: "pretrain" },
    seed: { seed: 2 },
    "settings.levels.1": { settings: { rate: 0.1, levels: [1, 3] } },
    "settings.rate": { settings: { levels: [1, 2] } },
    "data.valid.csv": { data: { "train.csv": "abc", "valid.csv": "abd" } },
  };
  for (const [field, change] of Object.entries(others)) {
    const other = { ...CONFIGURATION, ...change };
    refused(() => RunFolder.open(path, other, true), config, /differs from the run/, field);
  }
  for (const [text, message] of [
    ["{", /is malformed JSON/],
    ["null", /is not a JSON object/],
  ] as const) {
    writeFileSync(config, text);
    refused(() => RunFolder.open(path, CONFIGURATION, true), config, message);
  }
  refused(
    () => RunFolder.open(join(config, "run"), CONFIGURATION, false),
    config,
    /is a file, not a folder/,
  );
});

test("the latest checkpoint comes back as it was; metrics after it are dropped", () => {
  const path = join(root, "metrics");
  const metrics = join(path, "metrics.ndjson");
  const folder = RunFolder.open(path, CONFIGURATION, false);
  folder.record({ step: 1, loss: 0.5 });
  assert.equal(folder.load(), undefined);
  assert.ok(!readdirSync(path).includes("metrics.ndjson"), "step 1 will be measured again");

  folder.record({ step: 1, loss: 0.5 });
  folder.save({ step: 1, notes: { best: 0.1 + 0.2 }, tensors: tensorsOf(1) });
  folder.record({ step: 2, loss: 0.4 });
  writeFileSync(join(path, "checkpoint-1.safetensors.4711.tmp"), "killed while writing");
  folder.save({ step: 2, notes: { best: 1 / 3 }, tensors: tensorsOf(0.1) });
  folder.record({ step: 3, loss: 0.3 });
  for (const name of ["config.json", "checkpoint.json", "metrics.ndjson"])
    writeFileSync(join(path, `${name}.4711.0.tmp`), "killed while writing");
  writeFileSync(metrics, `${readFileSync(metrics, "utf8")}{"step":oops}\n{"step":2,"lo`); // killed while writing
  const resumed = RunFolder.open(path, CONFIGURATION, true).load();
  assert.deepEqual(resumed, { step: 2, notes: { best: 1 / 3 }, tensors: tensorsOf(0.1) });
  assert.equal(readFileSync(metrics, "utf8"), '{"step":1,"loss":0.5}\n{"step":2,"loss":0.4}\n');
  assert.deepEqual(readdirSync(path).sort(), [
    "checkpoint-2.safetensors",
    "checkpoint.json",
    "config.json",
    "metrics.ndjson",
  ]);
});

test("an altered, truncated or missing checkpoint is refused by name", () => {
  const path = join(root, "altered");
  const folder = RunFolder.open(path, CONFIGURATION, false);
  folder.save({ step: 7, notes: {}, tensors: tensorsOf(1) });
  const file = join(path, "checkpoint-7.safetensors");
  const bytes = readFileSync(file);
  const flipped = Buffer.from(bytes);
  flipped[flipped.length - 2]! ^= 4;
  for (const damaged of [flipped, bytes.subarray(0, -1)]) {
    writeFileSync(file, damaged);
    refused(() => folder.load(), file, /truncated or altered/);
  }
  rmSync(file);
  refused(() => folder.load(), file, /cannot be read/);
  for (const [text, problem] of [
    ["", /is malformed JSON/],
    ["{}", /does not name a checkpoint/],
  ] as const) {
    writeFileSync(join(path, "checkpoint.json"), text);
    refused(() => folder.load(), join(path, "checkpoint.json"), problem);
  }
});
