import assert from "node:assert/strict";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Watcher } from "../base/watcher.js";
import { cpu } from "../graph/index.js";
import { cardHash, readCard } from "../model/index.js";
import type { ModelCard } from "../training/finetune.js";
import { readTrials } from "../trial/index.js";
import { modelInfo } from "./model-info.js";
import { loadPredictor, SHIPPED_MODEL } from "./predictor.js";
import { quantizeModel } from "./quantize.js";

const root = mkdtempSync(join(tmpdir(), "cladmop-quantize-model-"));
after(() => rmSync(root, { recursive: true }));
const at = (name: string) => join(root, name);
const silent: Watcher = { report() {}, say() {}, stopping: () => false };
const quantize = (model: string, out: string) => quantizeModel({ model, out }, silent);
const small = at("small");

test("a model is quantised whole: all but its encoder and card stay as they are", async () => {
  const { layers, bytes } = await quantize(SHIPPED_MODEL, small);
  assert.equal(layers, 36);
  assert.ok(bytes[1] < bytes[0]);
  assert.deepEqual(
    readdirSync(small).sort(),
    readdirSync(SHIPPED_MODEL)
      .filter((name) => name !== "evaluations.json")
      .sort(),
  );
  for (const name of ["model.safetensors", "shallow.safetensors", "trials.json"])
    assert.ok(
      readFileSync(join(small, name)).equals(readFileSync(join(SHIPPED_MODEL, name))),
      name,
    );
  const [card, before] = [small, SHIPPED_MODEL].map((folder) =>
    readCard<ModelCard>(folder, "model"),
  );
  assert.deepEqual(card!.quantised, { from: before!.encoder });
  assert.notEqual(cardHash(card!), cardHash(before!));
});

test("its probabilities are nearly the same, and its card says whose figures it has", async () => {
  const examples = fileURLToPath(new URL("../../examples/trials.json", import.meta.url));
  const trials = readTrials(examples).records.map(({ trial }) => trial);
  const probabilities = async (folder: string) => {
    const predictor = await loadPredictor(folder, cpu(1));
    const predictions = await predictor.predict(trials);
    await predictor.release();
    return predictions.map(({ probability }) => probability);
  };
  const exact = await probabilities(SHIPPED_MODEL);
  const rounded = await probabilities(small);
  assert.ok(exact.every((p, i) => Math.abs(p - rounded[i]!) < 0.005));
  assert.notDeepEqual(rounded, exact);
  const says = (folder: string) =>
    modelInfo(folder, readCard<ModelCard>(folder, "model")).limits.join("\n");
  assert.match(says(small), /rounded to int8 .* figures .* are those of the float32/);
  assert.doesNotMatch(says(SHIPPED_MODEL), /int8/);
});

test("a model that is quantised, damaged or in the way is refused, and nothing is written", async () => {
  const refused = async (model: string, problem: RegExp) => {
    await assert.rejects(quantize(model, at("none")), { name: "InputError", message: problem });
    assert.ok(!readdirSync(root).includes("none"));
  };
  await assert.rejects(quantize(SHIPPED_MODEL, small), /small: there is a model already/);
  await refused(small, /quantised already/);
  await refused(root, /holds no model, but a folder that does/);
  const copy = at("copy");
  for (const name of ["model.safetensors", "trials.json", "shallow.safetensors", "model.json"]) {
    cpSync(SHIPPED_MODEL, copy, { recursive: true });
    writeFileSync(join(copy, name), readFileSync(join(copy, name)).subarray(1));
    await refused(copy, new RegExp(`${name}: `));
  }
  cpSync(SHIPPED_MODEL, copy, { recursive: true });
  cpSync(join(small, "encoder"), join(copy, "encoder"), { recursive: true });
  await refused(copy, /encoder: is not the encoder that the model's card names/);
  // What cannot be written does not stand in the way once it can.
  const out = at("full");
  mkdirSync(join(out, "trials.json"), { recursive: true });
  await assert.rejects(quantize(SHIPPED_MODEL, out), /trials.json/);
  rmSync(join(out, "trials.json"), { recursive: true });
  await quantize(SHIPPED_MODEL, out);
});
