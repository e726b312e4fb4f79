import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { InputError } from "../base/error.js";
import { Random } from "../base/random.js";
import { readSafetensors, writeSafetensors } from "../base/safetensors.js";
import type { Trial } from "../trial/index.js";
import { fitSurface, SurfaceLevel } from "./surface-level.js";

const WORDS =
  `adults healthy volunteers stable disease adequate organ function prior therapy infection
  pregnancy consent liver kidney heart weeks months before enrolment allowed excluded`.split(/\s+/);
const random = new Random("surface level");
const pick = () => WORDS[random.integer(WORDS.length)]!;
const sentence = () => Array.from({ length: 12 }, pick).join(" ");

const trials = Array.from(
  { length: 120 },
  (_, i): Trial => ({
    nctId: `NCT${String(i).padStart(8, "0")}`,
    phase: "1",
    conditions: [],
    icd10: [],
    interventions: [],
    givenSmiles: [],
    eligibilityCriteria: `Inclusion Criteria:\n\n- ${sentence()}\n- ${sentence()}\n\nExclusion Criteria:\n\n- ${sentence()}`,
  }),
);
const coins = trials.map(() => random.integer(2));
const healthy = trials.map(({ eligibilityCriteria }) =>
  eligibilityCriteria.split("healthy").length > 2 ? 1 : 0,
);
const rightShare = (logits: Float64Array, labels: readonly number[]) =>
  logits.filter((logit, i) => logit > 0 === (labels[i] === 1)).length / labels.length;

test("out-of-fold logits see what can be learned, and nothing of labels that cannot", () => {
  const learnable = fitSurface(trials, healthy, { seed: 1 });
  assert.ok(rightShare(learnable.outOfFold, healthy) > 0.75);
  const { level, outOfFold } = fitSurface(trials, coins, { seed: 1 });
  assert.ok(rightShare(level.parts(trials).forest, coins) > 0.95, "it knows its training trials");
  assert.ok(Math.abs(rightShare(outOfFold, coins) - 0.5) < 0.15, "they must not leak");
});

test("a level gives the same logits after it was saved, for one trial or many", () => {
  const folder = mkdtempSync(join(tmpdir(), "cladmop-surface-"));
  const path = join(folder, "surface.safetensors");
  const { level } = fitSurface(trials, healthy, { seed: 2 });
  level.save(path);
  const loaded = SurfaceLevel.load(path);
  const logits = level.logits(trials);
  assert.deepEqual(loaded.logits(trials), logits);
  assert.equal(loaded.logits([trials[7]!])[0], logits[7]);

  const refused = (field: string) => (error: unknown) =>
    error instanceof InputError && error.location.file === path && error.location.field === field;
  const { tensors, metadata } = readSafetensors(path);
  const column = tensors.get("forest.column")!;
  const damage: [string, Parameters<typeof writeSafetensors>[1], Record<string, string>][] = [
    ["words.axes", new Map([...tensors].filter(([name]) => name !== "words.axes")), metadata],
    [
      "linear.weights",
      new Map(tensors).set("linear.weights", { shape: [1], data: new Float32Array(1) }),
      metadata,
    ],
    [
      "forest.column",
      new Map(tensors).set("forest.column", { ...column, data: column.data.map((c) => c + 900) }),
      metadata,
    ],
    [
      "forest.column",
      new Map(tensors).set("forest.column", { ...column, data: column.data.map(() => 0) }),
      metadata,
    ],
    ["combination", tensors, { ...metadata, combination: "{}" }],
    ["words", tensors, { ...metadata, words: "[" }],
  ];
  for (const [field, some, about] of damage) {
    writeSafetensors(path, some, { dtype: "F16", metadata: about });
    assert.throws(() => SurfaceLevel.load(path), refused(field), field);
  }
  writeFileSync(path, readFileSync(path).subarray(0, 1000));
  assert.throws(() => SurfaceLevel.load(path), InputError);
});

test("too few trials of one outcome are refused", () => {
  const labels = trials.map((_, i) => (i < 4 ? 0 : 1));
  assert.throws(
    () => fitSurface(trials, labels, { seed: 1 }),
    /at least 5 trials of either outcome/,
  );
});
