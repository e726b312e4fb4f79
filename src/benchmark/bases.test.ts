import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Interrupted, type Watcher } from "../base/watcher.js";
import { rocAuc } from "../evaluation/index.js";
import { cpu } from "../graph/index.js";
import { createGrouper, levelsIn, readModel } from "../model/index.js";
import { TINY, worst } from "../model/test-support.js";
import { statesOf } from "../training/encode.js";
import type { BaseCard } from "../training/pretrain.js";
import { isMade, loadBase, loadGroups, makeBase } from "./bases.js";
import { Context } from "./context.js";
import { encodeAll } from "./encode.js";
import type { Base } from "./grid.js";
import { fixture, SILENT } from "./test-support.js";

const { root } = await fixture();
const at = (name: string) => join(root, name);
const config = {
  encoder: at("language/encoder"),
  datasets: {
    one: { train: [at("train.csv")], valid: [at("valid.csv")], test: [at("test.csv")] },
    two: { train: [at("train.csv")], test: [at("test.csv")] },
  },
  pretraining: {
    trials: [at("known.csv")],
    studies: [at("studies.ndjson")],
    approved: at("approved.csv"),
    exclude: [],
  },
  seeds: [1],
  models: {},
  experiments: [],
};
const out = at("out");
const contextFor = (watcher: Watcher) =>
  new Context(
    { config, out, cache: at("cache"), cacheLimit: 1, ...cpu(1), skipInvalid: false },
    watcher,
  );
const datasets = Object.keys(config.datasets);
await encodeAll({ preset: "default", datasets, needsSct: true }, contextFor(SILENT));

/** The default preset's base at a size for tests, with the epochs and the weight of ranking. */
function baseOf(id: string, epochs: number, ranking: number, share = 1): Base {
  const pretraining = { ...TINY.pretraining, epochs, ranking, batch: 16, learningRate: 2e-3 };
  return {
    id,
    spec: {
      preset: "default",
      config: { ...TINY, levels: TINY.levels.slice(1), tokens: 64, pretraining },
      pretrained: epochs > 0,
      sct: share,
      seed: 1,
    },
  };
}
const cardOf = ({ id }: Base) =>
  readModel<BaseCard>(join(out, "bases", id, "pretraining"), "base").card;

const ranking = baseOf("ranking", 16, 0.5);
await makeBase(ranking, contextFor(SILENT));

test("a base is pre-trained with its own figures, on successes alone and no labelled trial", () => {
  const { parameters, table } = loadBase(ranking, contextFor(SILENT));
  const card = cardOf(ranking);
  assert.deepEqual(card.config, ranking.spec.config);
  assert.deepEqual(parameters.get("language.0.0.centroids")?.shape, [6, 16]);
  assert.deepEqual([...table.keys()], card.diseases);
  assert.ok(card.trials.length > 200);
  assert.ok(card.trials.every((nctId) => nctId >= "NCT00100000"));
});

test("criteria that tell of success rank labelled trials before a label was seen", async () => {
  const context = contextFor(SILENT);
  const matches = await context.matches(ranking, "one", "test");
  const { labels } = (await context.splits("one")).test;
  const scores = matches.map(({ score }) => score);
  assert.ok(rocAuc(labels, scores) > 0.8, `${rocAuc(labels, scores)}`);
});

test("without ranking nothing is learned of success, and pairs are matched all the same", async () => {
  const matching = baseOf("matching", 1, 0);
  await makeBase(matching, contextFor(SILENT));
  const { parameters } = loadBase(matching, contextFor(SILENT));
  const names = [...parameters.keys()].filter((name) => name.startsWith("match."));
  assert.deepEqual(names.sort(), [
    ...["match.criteria.bias", "match.criteria.weight", "match.logitScale"],
    ...["match.molecules.bias", "match.molecules.weight"],
  ]);
  const [one] = await contextFor(SILENT).matches(matching, "one", "test");
  const cosine = one!.criteria.reduce((sum, x, i) => sum + x * one!.molecules[i]!, 0);
  assert.ok(Math.abs(one!.score - cosine) < 1e-5);
});

test("the grouped tokens of every labelled trial are those of the base", async () => {
  const context = contextFor(SILENT);
  const { parameters } = loadBase(ranking, context);
  const { encoder, store } = await context.encoder("default");
  const grouper = await createGrouper(ranking.spec.config, parameters, {
    depth: encoder.width,
    batch: 4,
    processor: cpu(1),
    seed: 1,
  });
  for (const dataset of ["one", "two"]) {
    const groups = loadGroups(ranking, dataset, context);
    const splits = await context.splits(dataset);
    for (const part of ["train", "valid", "test"] as const) {
      const { trials } = splits[part];
      assert.equal(groups[part].length, trials.length);
      for (const row of [0, trials.length - 1]) {
        const states = statesOf(store, [trials[row]!.features.text]);
        const [own] = await grouper.group(levelsIn(ranking.spec.config, "default", states));
        own!.forEach((level, i) => {
          assert.ok(worst(groups[part][row]![i]!, level) < 2e-3); // kept in 16 bits
        });
      }
    }
  }
  await grouper.release();
});

test("a base without pre-training has no parameters, and the diseases of all training trials", async () => {
  const scratch = baseOf("scratch", 0, 0);
  await makeBase(scratch, contextFor(SILENT));
  const context = contextFor(SILENT);
  const { parameters, table } = loadBase(scratch, context);
  assert.equal(parameters.size, 0);
  const { train } = await context.splits("one");
  for (const { features } of train.trials)
    assert.ok(features.diseases.every((token) => table.has(token)));
  assert.equal(loadGroups(scratch, "two", context).test.length, 80);
  const matches = await context.matches(scratch, "one", "valid");
  assert.equal(matches.length, 30);
});

test("a smaller share of the successful trials takes fewer steps, tested on the same pairs", async () => {
  const steps: number[] = [];
  const watcher: Watcher = {
    ...SILENT,
    report: ({ stage, total }) => {
      if (stage.startsWith("Matching")) steps.push(total);
    },
  };
  const half = baseOf("half", 1, 0.5, 0.5);
  await makeBase(half, contextFor(watcher));
  const whole = Math.max(...steps);
  assert.ok(whole > 0);
  const learned = cardOf(ranking).trials.length;
  assert.ok(whole < (0.6 * learned) / 16, `${whole} steps of ${learned} trials`);
  assert.deepEqual(cardOf(half).sct, cardOf(ranking).sct);
  // What is too little to learn from is refused, not skipped.
  await assert.rejects(makeBase(baseOf("none", 1, 0.5, 0.01), contextFor(SILENT)), {
    name: "InputError",
    message: /to be learned from .* less than a batch of 16\. Give more files/,
  });
});

test("a base that is stopped goes on to the same parameters", async () => {
  const [whole, again] = [baseOf("whole", 2, 0.5), baseOf("stopped", 2, 0.5)];
  await makeBase(whole, contextFor(SILENT));
  for (const stage of ["Matching", "Grouping two"]) {
    let stopping = false;
    const watcher: Watcher = {
      ...SILENT,
      report: (progress) => {
        if (progress.stage.startsWith(stage) && progress.done > 10) stopping = true;
      },
      stopping: () => stopping,
    };
    await assert.rejects(makeBase(again, contextFor(watcher)), Interrupted);
    assert.ok(!isMade(again, out), stage);
  }
  await makeBase(again, contextFor(SILENT));
  assert.ok(isMade(again, out));
  const [first, second] = [whole, again].map((base) => loadBase(base, contextFor(SILENT)));
  assert.deepEqual(second, first);
  const groups = [whole, again].map((base) => loadGroups(base, "two", contextFor(SILENT)));
  assert.deepEqual(groups[1], groups[0]);
});

test("damaged groups and an absent base are refused by name", () => {
  rmSync(join(out, "bases/half/two.safetensors"));
  const half = baseOf("half", 1, 0.5, 0.5);
  assert.throws(() => loadGroups(half, "two", contextFor(SILENT)), {
    name: "InputError",
    message: /bases\/half\/two\.safetensors: cannot be read/,
  });
  assert.throws(() => loadBase(baseOf("absent", 0, 0), contextFor(SILENT)), {
    name: "InputError",
    message: /bases\/absent\/table\.json: cannot be read/,
  });
});
