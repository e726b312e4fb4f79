import assert from "node:assert/strict";
import { test } from "node:test";
import { InputError } from "../base/error.js";
import { Interrupted } from "../base/watcher.js";
import { rocAuc } from "../evaluation/index.js";
import { BASELINES, type BaselineTrial, type LabelledTrials, UnencodedTrial } from "./index.js";
import { madeUp, OPTIONS, QUIET } from "./test-support.js";

const training = madeUp(64, "training");
const validation = madeUp(24, "validation");
const unseen = madeUp(40, "unseen");

for (const [name, baseline] of BASELINES) {
  if (name === "mexa-ctp") continue; // slow to compile: it has its own tests of the same things
  test(`${name} ranks trials it has not seen, every time alike`, async () => {
    assert.equal(baseline.name, name);
    const fit = async (validated?: LabelledTrials) => {
      const score = await baseline.fit(training, validated, OPTIONS);
      return score(unseen.trials);
    };
    const scores = await fit(validation);
    assert.deepEqual(await fit(validation), scores);
    for (const some of [scores, await fit()]) {
      const auc = rocAuc(unseen.labels, some);
      assert.ok(auc > 0.8, String(auc));
      // Both outcomes are among the trials, and what only ranks is negative for one of them.
      assert.equal(
        some.every((p) => p >= 0 && p <= 1),
        baseline.areProbabilities,
      );
    }
  });

  test(`${name} is fitted on one trial of either outcome, without drugs, on diseases unknown`, async () => {
    const bare = (trial: BaselineTrial, i: number): BaselineTrial => ({
      ...trial,
      features: { ...trial.features, diseases: [`unknown ${i}`], molecules: [], vectors: [] },
    });
    const two = { trials: training.trials.slice(0, 2).map(bare), labels: [0, 1] };
    const score = await baseline.fit(two, undefined, OPTIONS);
    assert.ok((await score(unseen.trials.map(bare))).every(Number.isFinite));
    assert.deepEqual([...(await score([]))], []);
  });

  test(`${name} reads hidden states or, as it declares, none`, async () => {
    const bare = ({ trials, labels }: LabelledTrials) => ({
      trials: trials.map(({ features }) => new UnencodedTrial(features)),
      labels,
    });
    const fit = async (as: (some: LabelledTrials) => LabelledTrials) => {
      const score = await baseline.fit(as(training), as(validation), OPTIONS);
      return score(as(unseen).trials);
    };
    if (baseline.readsStates) await assert.rejects(fit(bare), /does not declare/);
    else assert.deepEqual(await fit(bare), await fit((some) => some));
  });

  test(`${name} needs both outcomes`, async () => {
    const one = {
      trials: training.trials,
      labels: training.labels.length ? Array(64).fill(1) : [],
    };
    await assert.rejects(baseline.fit(one, undefined, OPTIONS), InputError);
  });
}

test("long fits report their progress and stop when asked to", async () => {
  for (const name of [
    "random-forest",
    "knn-random-forest",
    "gradient-boosting",
    "adaboost",
    "ffnn",
  ]) {
    const stages: string[] = [];
    const watcher = {
      ...QUIET,
      report: ({ stage }: { stage: string }) => void stages.push(stage),
      stopping: () => stages.length > 0,
    };
    const fit = BASELINES.get(name)!.fit(training, validation, { ...OPTIONS, watcher });
    await assert.rejects(fit, Interrupted, name);
    assert.equal(stages.length, 1);
  }
});
