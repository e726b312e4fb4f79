import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { InputError } from "../base/error.js";
import { readConfig } from "./config.js";

const folder = mkdtempSync(join(tmpdir(), "cladmop-config-"));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, "grid.yaml");
const read = (text: string) => {
  writeFileSync(file, text);
  return readConfig(file);
};

const GRID = `
encoder: ../encoder
conditions: conditions.tsv
datasets:
  phase-1: { train: [a.csv, /data/b.csv], test: c.csv }
pretraining: { studies: studies.ndjson }
seeds: [1, 2]
models:
  full: &full
    title: full model
    shallow: false
    finetuning: &rates { epochs: 3, dropout: 0.1 }
  frozen: { <<: *full, title: head alone, adapt: head, finetuning: { <<: *rates, epochs: 4 } }
experiments:
  - { task: supervised, methods: [full, frozen, random-forest] }
  - { task: few-shot, methods: [full], shots: [1, 4] }
  - { task: new-disease, methods: [full], chapters: [C00-D49], datasets: [phase-1], seeds: [7] }
`;

test("paths are relative to the file, but absolute ones", () => {
  const { encoder, drugs, conditions, datasets, pretraining } = read(GRID);
  assert.equal(encoder, join(folder, "../encoder"));
  const named = (name: string) => read(GRID.replace("../encoder", name)).encoder;
  assert.equal(named("owner/name@v1"), "owner/name@v1"); // of a model on a hub, unless it is there
  mkdirSync(join(folder, "owner", "name"), { recursive: true });
  assert.equal(named("owner/name"), join(folder, "owner/name"));
  assert.deepEqual([drugs, conditions], [undefined, join(folder, "conditions.tsv")]);
  assert.deepEqual(datasets, {
    "phase-1": { train: [join(folder, "a.csv"), "/data/b.csv"], test: [join(folder, "c.csv")] },
  });
  const studies = [join(folder, "studies.ndjson")];
  assert.deepEqual(pretraining, { trials: [], studies, exclude: [] });
});

test("anchors and merge keys make variants of a model; what is left out has its default", () => {
  const { models } = read(GRID);
  const { full, frozen } = models;
  assert.deepEqual(full, {
    title: "full model",
    preset: "default",
    pretrained: true,
    sct: 1,
    shuffled: false,
    shallow: false,
    members: 5,
    adapt: "lora",
    finetuning: { epochs: 3, dropout: 0.1 },
  });
  assert.deepEqual(frozen, {
    ...full,
    title: "head alone",
    adapt: "head",
    finetuning: { epochs: 4, dropout: 0.1 },
  });
});

test("JSON is read, too", () => {
  const whole = read(GRID);
  assert.deepEqual(read(JSON.stringify(whole)), whole);
});

/** The line of a text that holds some words, counted from 1. */
const lineOf = (text: string, words: string) =>
  text.split("\n").findIndex((line) => line.includes(words)) + 1;

test("what is not YAML is refused by its line, that of what is not closed by where it opens", () => {
  for (const [given, put, problem, line] of [
    ["[1, 2]", "[1, 2", /Flow sequence in block collection must be/, "seeds"],
    ["[1, 2]", "[\n  1,\n  # more\n\n", /Flow sequence in block collection must be/, "seeds"],
    ["{ epochs: 3,", "{ epochs: [3,", /Flow sequence in block collection must be/, "epochs: [3"],
    ["title: full model", "title: 'full model", /Missing closing 'quote/, "'full"],
    ["models:", "seeds: 3\nmodels:", /Map keys must be unique/, "seeds: 3"],
    ["title: full model", "title: !bold full model", /Unresolved tag: !bold/, "!bold"],
    [" finetuning: &", "finetuning: &", /must start at the same column/, "finetuning: &"],
  ] as const) {
    const text = GRID.replace(given, put);
    assert.notEqual(text, GRID);
    assert.throws(
      () => read(text),
      ({ message, location }: InputError) => {
        assert.match(message, problem);
        assert.match(
          message,
          /^\S+\/grid\.yaml, row \d+: is not YAML: [^\n^]+\. Repair that line$/,
        );
        assert.equal(location.row, lineOf(text, line), message);
        return true;
      },
    );
  }
  for (const [given, put, problem] of [
    ["adapt: head", "adapt: *absent", /Unresolved alias .*: absent\. Set each anchor/],
    [
      "<<: *full",
      "<<: 3",
      /Merge sources must be maps or map aliases\. .* merge \(<<\) maps alone/,
    ],
  ] as const)
    assert.throws(() => read(GRID.replace(given, put)), { name: "InputError", message: problem });
});

test("an absent file is refused by its name", () => {
  assert.throws(() => readConfig(join(folder, "absent.yaml")), {
    name: "InputError",
    message: /absent\.yaml: cannot be read/,
  });
});

test("every field that is missing, unknown or malformed is named, with what would be right", () => {
  for (const [given, put, field, problem] of [
    ["encoder: ../encoder", "", "encoder", /expected string, received undefined/],
    ["seeds: [1, 2]", "", "seeds", /expected array, received undefined/],
    ["seeds: [1, 2]", "seeds: []", "seeds", /too small: expected array to have >=1 items/],
    ["seeds: [1, 2]", "seeds: [1.5]", "seeds.0", /expected int/],
    ["seeds: [1, 2]", "seeds: [-1]", "seeds.0", /too small/],
    ["seeds: [1, 2]", "seed: 1\nseeds: [1, 2]", undefined, /unrecognized key: "seed"/],
    [", test: c.csv", "", "datasets.phase-1.test", /expected a path or a list of paths/],
    ["test: c.csv", "test: 3", "datasets.phase-1.test", /expected a path or a list of paths/],
    ["test: c.csv", "test: []", "datasets.phase-1.test", /names no file/],
    ["test: c.csv", "test: c.csv, tset: d.csv", "datasets.phase-1", /unrecognized key: "tset"/],
    [/phase-1: .*/, "", "datasets", /expected record, received null/],
    [/phase-1: .*/, "{}", "datasets", /names no data set/],
    [
      "adapt: head",
      "adapt: all",
      "models.frozen.adapt",
      /expected one of "none"\|"head"\|"lora"\|"full"/,
    ],
    ["adapt: head", "sct: 0", "models.frozen.sct", /too small/],
    ["adapt: head", "levels: [4]", "models.frozen.levels.0", /too big/],
    ["adapt: head", "layers: 2", "models.frozen", /unrecognized key: "layers"/],
    ["epochs: 4", "epoch: 4", "models.frozen.finetuning", /unrecognized key: "epoch"/],
    [
      "shallow: false",
      "inputs: [criteria, drugs]",
      "models.full.shallow",
      /reads all inputs, of which some are hidden: add shallow: false/,
    ],
    ["task: few-shot", "task: few-shots", "experiments.1.task", /expected one of "zero-shot"\|/],
    [", shots: [1, 4]", "", "experiments.1.shots", /is missing: say how many .* such as \[1, 4\]/],
    ["shots: [1, 4]", "shots: [0]", "experiments.1.shots.0", /too small/],
    [
      "task: few-shot",
      "task: zero-shot",
      "experiments.1.shots",
      /is for few-shot alone: remove it/,
    ],
    ["task: new-disease", "task: ablation", "experiments.2.chapters", /is for new-disease alone/],
    ["C00-D49", "C00-D48", "experiments.2.chapters.0", /expected one of .*"C00-D49"/],
    [
      "[phase-1]",
      "[phase-9]",
      "experiments.2.datasets",
      /"phase-9" is no data set: name one of phase-1/,
    ],
    [
      "random-forest",
      "random",
      "experiments.0.methods",
      /"random" is no method of supervised: name one of full, frozen, logistic-regression, random-forest, /,
    ],
    ["random-forest", "toString", "experiments.0.methods", /"toString" is no method/],
    [
      "task: supervised",
      "task: zero-shot",
      "experiments.0.methods",
      /"random-forest" is no method of zero-shot: name one of full, frozen, all-positive, random, /,
    ],
    ["[phase-1]", "[toString]", "experiments.2.datasets", /"toString" is no data set/],
    [
      "shallow: false",
      "shallow: false\n    shuffled: true",
      "experiments.1.methods",
      /"full" hides inputs, but few-shot scores are of a base that sees all: move it to a supervised/,
    ],
  ] as const) {
    const text = GRID.replace(given, put);
    assert.notEqual(text, GRID, String(given));
    assert.throws(
      () => read(text),
      (error) => {
        assert.ok(error instanceof InputError, String(error));
        assert.match(error.message, problem);
        assert.deepEqual([error.location.file, error.location.field], [file, field], error.message);
        assert.match(error.message, /See benchmarks\/top\.yaml for what a configuration holds$/);
        return true;
      },
    );
  }
  for (const text of ["", "- 1", "a text"])
    assert.throws(() => read(text), { message: /grid\.yaml: invalid input: expected object/ });
});
