import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readModel, writeModel } from "./model-file.js";

test("a model is read as it was written, and refused once either file is altered", () => {
  const run = mkdtempSync(join(tmpdir(), "cladmop-model-"));
  const folder = join(run, "model");
  const parameters = new Map([["weight", { shape: [2, 2], data: Float32Array.of(1, 2, 3, 0.5) }]]);
  const write = () => writeModel(folder, "base", { preset: "paper" }, parameters, "F16");
  write();
  const read = readModel<{ preset: string }>(folder, "base");
  assert.equal(read.card.preset, "paper");
  assert.deepEqual(read.parameters, parameters);

  const [card, weights] = [join(folder, "base.json"), join(folder, "base.safetensors")];
  const refused = (file: string, problem: RegExp) => {
    const expected = { name: "InputError", problem };
    assert.throws(() => readModel(folder, "base"), expected);
    assert.throws(
      () => readModel(folder, "base"),
      ({ location }) => location.file === file,
    );
    write();
  };
  const bytes = readFileSync(weights);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(weights, bytes);
  refused(weights, /truncated or altered/);
  rmSync(weights);
  refused(weights, /cannot be read/);
  for (const text of ["{", "null", "{}"]) {
    writeFileSync(card, text);
    refused(card, /is malformed JSON|is not the card of a model/);
  }
  writeFileSync(card, readFileSync(card, "utf8").replace("paper", "other"));
  refused(card, /was altered/);
  rmSync(card);
  refused(folder, /holds no base: there is no base.json/);
  // A run's folder holds the model's.
  assert.throws(() => readModel(run, "base"), {
    name: "InputError",
    message: `${run}: holds no base, but a folder that does. Name ${folder}`,
  });
  rmSync(run, { recursive: true });
});
