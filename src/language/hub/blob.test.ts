import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readCheckpoint } from "../checkpoint.js";
import { quantizeEncoder } from "../quantize.js";
import { writeFixture } from "../test-support.js";
import { COMMIT, etagOf, layCache } from "./fake-hub.js";

test("a blob of the hub's cache that is cut off or altered is refused, with what to delete", async (t) => {
  const root = mkdtempSync(join(tmpdir(), "cladmop-blob-"));
  t.after(() => rmSync(root, { recursive: true }));
  const source = join(root, "source");
  writeFixture(source, "bert");
  const files = Object.fromEntries(
    readdirSync(source).map((name) => [name, readFileSync(join(source, name))]),
  );
  layCache(root, "someone/bert", files);
  const model = join(root, "models--someone--bert");
  const folder = join(model, "snapshots", COMMIT);
  const weights = files["model.safetensors"]!;
  const blob = join(model, "blobs", etagOf("model.safetensors", weights));
  const { hashes } = readCheckpoint(folder);
  assert.deepEqual(hashes, readCheckpoint(source).hashes);

  const altered = Buffer.from(weights);
  altered[altered.length - 1]! ^= 1;
  const damaged = {
    name: "InputError",
    message: `${join(folder, "model.safetensors")}: is damaged in the cache: its SHA-256 is not that of its name. Delete ${blob}, and run the command again`,
  };
  const watcher = { report() {}, say() {}, stopping: () => false };
  const options = { encoder: folder, out: join(root, "int8") };
  for (const content of [weights.subarray(0, -9), altered, ""]) {
    writeFileSync(blob, content);
    assert.throws(() => readCheckpoint(folder), damaged);
    await assert.rejects(quantizeEncoder(options, watcher), damaged);
  }
  writeFileSync(blob, weights);
  assert.deepEqual(readCheckpoint(folder).hashes, hashes);
});
