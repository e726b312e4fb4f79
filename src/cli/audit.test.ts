import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { range, temporaryFolder, topCsv, trials, writeFolder } from "../audit/test-support.js";

const main = fileURLToPath(new URL("./main.js", import.meta.url));
const root = temporaryFolder();

function audit(...args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, "audit", ...args], {
    encoding: "utf8",
  });
  return { code: status, out: stdout, err: stderr };
}

test("exit code 0 without a leak, 1 with one or for a warning with --strict, 2 for bad input", () => {
  const train = topCsv(trials(range(1, 4), 2));
  const sound = writeFolder(root, "sound", {
    "phase_I_train.csv": train,
    "phase_I_test.csv": topCsv(trials(range(11, 4), 2)),
  });
  const { code, out } = audit(sound);
  assert.equal(code, 0);
  assert.match(out, /\n0 leaks, 0 warnings, \d+ notes?\n$/);
  assert.equal(audit(sound, "--strict").code, 0);

  const shifted = writeFolder(root, "shifted", {
    "phase_I_train.csv": topCsv(trials(range(1, 40), 30)),
    "phase_I_test.csv": topCsv(trials(range(101, 40), 10)),
  });
  assert.match(audit(shifted).out, /\n0 leaks, 1 warning, \d+ notes?\n$/);
  assert.deepEqual([audit(shifted).code, audit(shifted, "--strict").code], [0, 1]);

  const leaky = writeFolder(root, "leaky", {
    "phase_I_train.csv": train,
    "phase_I_test.csv": topCsv(trials(range(4, 4), 2)),
  });
  const found = audit(leaky, "--json");
  assert.equal(found.code, 1);
  const [first] = JSON.parse(found.out);
  assert.deepEqual(Object.keys(first).sort(), [
    ...["check", "examples", "found", "remedy", "severity", "subject", "why"],
  ]);
  assert.deepEqual(
    [first.check, first.severity, first.examples],
    ["shared-trials", "leak", ["NCT00000004"]],
  );

  const bad = audit(join(root, "absent"));
  assert.deepEqual([bad.code, bad.out], [2, ""]);
  assert.match(bad.err, /absent: cannot be read: .*Check the path/);
});
