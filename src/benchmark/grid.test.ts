import assert from "node:assert/strict";
import { test } from "node:test";
import { LLM_DEFAULTS, type LlmOptions } from "../baseline/zero-shot/index.js";
import type { BenchmarkConfig, Experiment } from "./config.js";
import { type Cell, gridOf, type Hashes, nameOf, needsSct } from "./grid.js";
import { Variant } from "./variant.js";

const EXPERIMENT: Experiment = { task: "supervised", methods: ["ours"] };
const NEAREST: Partial<Experiment> = { task: "zero-shot", methods: ["nearest-successful"] };
const HASHES: Hashes = {
  shared: { "drugs.tsv": "a1", "model.safetensors": "b1" },
  pretraining: { files: { "successful.csv": "c1", "studies.ndjson": "c2" }, roles: [1, 1, 0, 0] },
  datasets: {
    one: { files: { "train.csv": "d1", "test.csv": "d2" }, roles: [1, 0, 1] },
    two: { files: { "train.csv": "e1", "test.csv": "e2" }, roles: [1, 0, 1] },
  },
};
const dataset = { train: ["train.csv"], test: ["test.csv"] };

interface Change {
  readonly experiment?: Partial<Experiment>;
  readonly variant?: Parameters<typeof Variant.parse>[0];
  readonly seed?: number;
  readonly hashes?: Partial<Hashes>;
  readonly llm?: LlmOptions;
}

const variantOf = (fields: object): Variant => Variant.parse(fields);

/** The grid of one experiment with one of our models, on the data set "one". */
function cellsOf({
  experiment = {},
  variant = {},
  seed = 1,
  hashes = {},
  llm,
}: Change = {}): Cell[] {
  const config: BenchmarkConfig = {
    encoder: "encoder",
    datasets: { one: dataset, two: dataset },
    pretraining: { trials: [], studies: [], exclude: [] },
    seeds: [seed],
    models: { ours: variantOf(variant as object) },
    experiments: [{ ...EXPERIMENT, datasets: ["one"], ...experiment }],
  };
  return gridOf(config, { ...HASHES, ...hashes }, () => ["C00-D49", "I00-I99"], llm);
}
const cellOf = (change: Change = {}): Cell => {
  const [cell, ...more] = cellsOf(change);
  assert.equal(more.length, 0);
  return cell!;
};
const baseOf = (change: Change) => cellOf(change).model!.base.id;

test("the grid is every method on every data set with every setting and seed, in this order", () => {
  const experiment: Partial<Experiment> = {
    task: "few-shot",
    datasets: undefined,
    methods: ["ours", "knn"],
    shots: [1, 4],
    seeds: [5, 6],
  };
  const names = cellsOf({ experiment }).map(nameOf);
  assert.equal(names.length, 16);
  assert.equal(new Set(names).size, 16);
  assert.deepEqual(names.slice(0, 5), [
    "few-shot on one: ours, shots 1, seed 5",
    "few-shot on one: ours, shots 1, seed 6",
    "few-shot on one: ours, shots 4, seed 5",
    "few-shot on one: ours, shots 4, seed 6",
    "few-shot on one: knn, shots 1, seed 5",
  ]);
  assert.equal(names[8], "few-shot on two: ours, shots 1, seed 5");
});

test("settings of a cell say what its task varies", () => {
  const settings = (experiment: Partial<Experiment>, variant = {}) =>
    cellsOf({ experiment, variant }).map((cell) => cell.settings);
  assert.deepEqual(settings({ task: "supervised" }), [{}]);
  assert.deepEqual(settings({ task: "zero-shot" }), [{}]);
  assert.deepEqual(settings({ task: "few-shot", shots: [2] }), [{ shots: 2 }]);
  const chapters = [{ chapter: "C00-D49" }, { chapter: "I00-I99" }];
  assert.deepEqual(settings({ task: "new-disease" }), chapters);
  assert.deepEqual(settings({ task: "new-disease", chapters: ["I00-I99"] }), chapters.slice(1));
  assert.deepEqual(settings({ task: "ablation" }, { title: "S = 0" }), [{ ablation: "S = 0" }]);
  assert.deepEqual(settings({ task: "ablation" }), [{ ablation: "ours" }]);
});

test("a cell that two experiments ask for is there once", () => {
  const cells = cellsOf({ experiment: { methods: ["ours", "ours"], seeds: [1, 1] } });
  assert.equal(cells.length, 1);
});

test("an id changes with whatever decides the result", () => {
  const { shared, datasets, pretraining } = HASHES;
  const one = datasets.one!;
  const changes: Record<string, Change> = {
    nothing: {},
    seed: { seed: 2 },
    task: { experiment: { task: "zero-shot" } },
    shots: { experiment: { task: "few-shot", shots: [1] } },
    "more shots": { experiment: { task: "few-shot", shots: [2] } },
    chapter: { experiment: { task: "new-disease", chapters: ["C00-D49"] } },
    "other chapter": { experiment: { task: "new-disease", chapters: ["I00-I99"] } },
    method: { experiment: { methods: ["tf-idf-words"] } },
    "data set": { experiment: { datasets: ["two"] } },
    encoder: { hashes: { shared: { ...shared, "model.safetensors": "b2" } } },
    data: { hashes: { datasets: { ...datasets, one: { ...one, files: { "train.csv": "d3" } } } } },
    "what a file is for": {
      hashes: { datasets: { ...datasets, one: { ...one, roles: [0, 1, 1] } } },
    },
    "successful trials": {
      hashes: { pretraining: { ...pretraining, files: { "studies.ndjson": "c3" } } },
    },
    "whether they are known": { hashes: { pretraining: { ...pretraining, roles: [2, 0, 0, 0] } } },
    preset: { variant: { preset: "paper" } },
    "no pre-training": { variant: { pretrained: false } },
    share: { variant: { sct: 0.5 } },
    "pre-training's epochs": { variant: { epochs: 1 } },
    "pre-training's seed": { variant: { pretrainingSeed: 7 } },
    ranking: { variant: { ranking: 0 } },
    centroids: { variant: { centroids: [16] } },
    "self-attention": { variant: { selfAttention: 0 } },
    levels: { variant: { levels: [3] } },
    inputs: { variant: { inputs: ["criteria"], shallow: false } },
    shuffled: { variant: { shuffled: true } },
    shallow: { variant: { shallow: false } },
    members: { variant: { members: 1 } },
    adapt: { variant: { adapt: "head" } },
    "fine-tuning": { variant: { finetuning: { epochs: 1 } } },
  };
  const ids = new Map<string, string>();
  for (const [what, change] of Object.entries(changes)) {
    const { id, configuration } = cellOf(change);
    assert.equal(configuration.slice(0, 12), id);
    assert.equal(ids.get(id), undefined, `${what} gives the id of ${ids.get(id)}`);
    ids.set(id, what);
  }
});

test("an id does not change with what decides nothing", () => {
  const { datasets, pretraining } = HASHES;
  const newer: Partial<Hashes> = {
    pretraining: { ...pretraining, files: { "studies.ndjson": "c3" } },
  };
  const other: Partial<Hashes> = {
    datasets: { ...datasets, two: { ...datasets.two!, files: { "test.csv": "e3" } } },
  };
  const same = (a: Change, b: Change) => assert.equal(cellOf(a).id, cellOf(b).id);
  same({}, {});
  same({}, { variant: { title: "CLaDMoP" } });
  const ablation = { task: "ablation" } as const;
  same({ experiment: ablation }, { experiment: ablation, variant: { title: "S = 0" } });
  same({ variant: { members: 1, adapt: "head" } }, { variant: { adapt: "head", members: 1 } });
  const scratch = { variant: { pretrained: false } };
  same(scratch, { ...scratch, hashes: newer });
  for (const method of ["tf-idf-words", "all-positive"]) {
    const baseline = { experiment: { methods: [method] } };
    same(baseline, { ...baseline, hashes: newer });
    same(baseline, { ...baseline, hashes: other });
    same(baseline, { ...baseline, variant: { centroids: [8] } });
  }
});

test("what reads the successful trials depends on their files and on all that are left out of them", () => {
  const { datasets, pretraining } = HASHES;
  const two = { ...datasets.two!, files: { "test.csv": "e3" } };
  for (const hashes of [
    { pretraining: { ...pretraining, files: {} } },
    { datasets: { ...datasets, two } },
  ])
    for (const experiment of [{}, NEAREST, { ...NEAREST, methods: ["known-success-tf-idf"] }])
      assert.notEqual(cellOf({ experiment }).id, cellOf({ experiment, hashes }).id);
  const needs = (change: Change) => needsSct(cellOf(change));
  assert.ok(needs({}) && needs({ experiment: NEAREST }));
  assert.ok(!needs({ variant: { pretrained: false } }));
  assert.ok(!needs({ experiment: { methods: ["knn"] } }));
  assert.ok(!needs({ experiment: { task: "zero-shot", methods: ["random"] } }));
});

test("an endpoint and its model decide the cells that ask it, and no other", () => {
  const llm: LlmOptions = { ...LLM_DEFAULTS, url: "http://localhost:1", model: "tiny" };
  const idOf = (methods: string[], options?: LlmOptions) =>
    cellOf({ experiment: { task: "zero-shot", methods }, ...(options && { llm: options }) }).id;
  const endpoints = [
    undefined,
    llm,
    { ...llm, model: "large" },
    { ...llm, url: "http://localhost:2" },
  ];
  const ids = endpoints.map((options) => idOf(["llm"], options));
  assert.equal(new Set(ids).size, endpoints.length);
  for (const same of [
    { ...llm, url: "http://localhost:1/v1/" },
    { ...llm, prices: { prompt: 1, completion: 2 } },
    { ...llm, concurrency: 1 },
  ])
    assert.equal(idOf(["llm"], same), ids[1]);
  for (const method of ["ours", "random", "nearest-successful"])
    assert.equal(idOf([method], llm), idOf([method]), method);
  const named = { ...llm, url: "localhost" };
  assert.throws(() => idOf(["llm"], named), { name: "InputError", message: /field "--llm-url"/ });
});

test("variants that differ in fine-tuning alone share a base, others do not", () => {
  const plain = baseOf({});
  for (const variant of [
    { title: "other" },
    { shallow: false },
    { members: 1 },
    { adapt: "full" },
    { finetuning: { epochs: 1, dropout: 0 } },
    { inputs: ["criteria"], shallow: false },
    { shuffled: true },
  ])
    assert.equal(baseOf({ variant }), plain, JSON.stringify(variant));
  const several = [
    {},
    { pretrained: false },
    { preset: "paper" },
    { pretrainingSeed: 2 },
    { sct: 0.3 },
    { epochs: 2 },
    { ranking: 0 },
    { centroids: [16] },
    { selfAttention: 2 },
    { levels: [1] },
  ].map((variant) => baseOf({ variant }));
  assert.equal(new Set(several).size, several.length);

  const fixed = { pretrainingSeed: 1 };
  assert.equal(baseOf({ variant: fixed, seed: 2 }), plain);
  assert.notEqual(baseOf({ seed: 2 }), plain);
  assert.equal(baseOf({ experiment: { task: "zero-shot" } }), plain);

  // Nothing of pre-training decides a base that was not pre-trained.
  const scratch = { pretrained: false };
  const pretraining = { ...HASHES.pretraining, files: {} };
  for (const change of [
    { variant: { ...scratch, epochs: 2 } },
    { variant: { ...scratch, sct: 0.3 } },
    { variant: scratch, hashes: { pretraining } },
  ])
    assert.equal(baseOf(change), baseOf({ variant: scratch }));
  assert.notEqual(baseOf({ hashes: { pretraining } }), plain);
});
