import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { InputError } from "../base/error.js";
import { Random } from "../base/random.js";
import { readSafetensors, writeSafetensors } from "../base/safetensors.js";
import { fitLevel, levelLogits } from "./level.js";
import { readLevels, writeLevels } from "./level-file.js";
import { applyModels, LEVEL_SETTINGS, PARTS } from "./models.js";
import { featuresOf, fitSpace, type ShallowInput, selectFeatures } from "./space.js";

const WORDS =
  `adults healthy volunteers stable disease adequate organ function prior therapy infection
  pregnancy consent liver kidney heart weeks months before enrolment allowed excluded`.split(/\s+/);
const random = new Random("shallow level");
const pick = () => WORDS[random.integer(WORDS.length)]!;
const sentence = () => Array.from({ length: 12 }, pick).join(" ");

const successes = new Random("success");
const inputs = Array.from(
  { length: 120 },
  (): ShallowInput => ({
    text: `Inclusion Criteria:\n- ${sentence()}\n- ${sentence()}\nExclusion Criteria:\n- ${sentence()}`,
    diseases: [`chapter ${random.integer(2)}`, `disease ${random.integer(9)}`],
    // As hidden states are: far from zero, and of very different spread.
    states: random.normals(6, 1).map((value, i) => 10 * i + value * 10 ** (i - 3)),
    groups: random.normals(4, 1),
    success: successes.normals(2, 5),
  }),
);
const space = fitSpace(inputs, 1);
const features = featuresOf(space, inputs);
const coins = inputs.map(() => random.integer(2));
const healthy = inputs.map(({ text }) => (text.split("healthy").length > 2 ? 1 : 0));
const rightShare = (logits: Float64Array, labels: readonly number[]) =>
  logits.filter((logit, i) => logit > 0 === (labels[i] === 1)).length / labels.length;

test("out-of-fold logits see what can be learned, and nothing of labels that cannot", () => {
  const learnable = fitLevel(features, healthy, { seed: 1 });
  assert.ok(rightShare(learnable.outOfFold, healthy) > 0.75);
  const { level, outOfFold } = fitLevel(features, coins, { seed: 1 });
  const known = applyModels(level.models, features).forest;
  assert.ok(rightShare(known, coins) > 0.95, "it knows its training trials");
  assert.ok(Math.abs(rightShare(outOfFold, coins) - 0.5) < 0.15, "they must not leak");
});

test("each part learns from its own kind of input alone", () => {
  const told = {
    diseases: inputs.map(({ diseases }) => +(diseases[0] === "chapter 1")),
    states: inputs.map(({ states }) => +(states[0]! > 0)), // the one that varies least
    groups: inputs.map(({ groups }) => +(groups[2]! > 0)),
    success: inputs.map(({ success }) => +(success[0]! > 0)),
  };
  // A handful of made-up columns bears a weaker penalty than hundreds of hidden states.
  const settings = {
    ...LEVEL_SETTINGS,
    c: { ...LEVEL_SETTINGS.c, states: 3, groups: 1, success: 3 },
  };
  for (const [part, labels] of Object.entries(told)) {
    const { parts } = fitLevel(features, labels, { seed: 1, settings });
    for (const other of PARTS) {
      const right = rightShare(parts[other], labels);
      if (other === part) assert.ok(right > 0.85, `${part}: ${right}`);
      else assert.ok(Math.abs(right - 0.5) < 0.2, `${other} told by ${part}: ${right}`);
    }
  }
});

test("a part whose input never varies has no say", () => {
  const same = inputs.map((input) => ({
    ...input,
    diseases: [],
    groups: new Float32Array(4),
    success: new Float32Array(2),
  }));
  const { level } = fitLevel(featuresOf(fitSpace(same, 1), same), healthy, { seed: 1 });
  const { diseases, groups, success, characters } = level.combination.weights;
  assert.deepEqual([diseases, groups, success], [0, 0, 0]);
  assert.ok(characters > 0);
});

const folder = mkdtempSync(join(tmpdir(), "cladmop-shallow-"));
after(() => rmSync(folder, { recursive: true }));

test("levels give the same logits after they were saved, for one trial or many", () => {
  const path = join(folder, "shallow.safetensors");
  const members = [2, 3].map((seed) => fitLevel(features, healthy, { seed }).level);
  writeLevels(path, { space, members });
  const loaded = readLevels(path);
  for (const [member, level] of members.entries()) {
    const logits = levelLogits(level, features);
    const again = loaded.members[member]!;
    assert.deepEqual(levelLogits(again, featuresOf(loaded.space, inputs)), logits);
    assert.equal(levelLogits(again, featuresOf(loaded.space, [inputs[7]!]))[0], logits[7]);
    assert.equal(levelLogits(again, selectFeatures(features, [9, 7]))[1], logits[7]);
  }

  const refused = (field: string) => (error: unknown) =>
    error instanceof InputError && error.location.file === path && error.location.field === field;
  const { tensors, metadata } = readSafetensors(path);
  const forest = "member-1/forest.column";
  const column = tensors.get(forest)!;
  const directions = "axes.words.directions";
  const damage: [string, Parameters<typeof writeSafetensors>[1], Record<string, string>][] = [
    [directions, new Map([...tensors].filter(([name]) => name !== directions)), metadata],
    [
      "member-0/characters",
      new Map(tensors).set("member-0/characters", { shape: [1], data: new Float32Array(1) }),
      metadata,
    ],
    [
      forest,
      new Map(tensors).set(forest, { ...column, data: column.data.map((c) => c + 900) }),
      metadata,
    ],
    [forest, new Map(tensors).set(forest, { ...column, data: column.data.map(() => 0) }), metadata],
    ["member-0/combination", tensors, { ...metadata, "member-0/combination": "{}" }],
    ["axes.words", tensors, { ...metadata, "axes.words": "[" }],
  ];
  for (const [field, some, about] of damage) {
    writeSafetensors(path, some, { dtype: "F16", metadata: about });
    assert.throws(() => readLevels(path), refused(field), field);
  }
  writeFileSync(path, readFileSync(path).subarray(0, 1000));
  assert.throws(() => readLevels(path), InputError);
});

test("too few trials of one outcome are refused", () => {
  const labels = inputs.map((_, i) => (i < 4 ? 0 : 1));
  assert.throws(
    () => fitLevel(features, labels, { seed: 1 }),
    /at least 5 trials of either outcome/,
  );
});
