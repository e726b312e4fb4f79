import assert from "node:assert/strict";
import { test } from "node:test";
import { InputError } from "../base/error.js";
import { Interrupted } from "../base/watcher.js";
import {
  averagePrecision,
  delongTest,
  holm,
  pairedBootstrap,
  rocAuc,
} from "../evaluation/index.js";
import { aggregate } from "./aggregate.js";
import { compareMethods, compareWithOurs } from "./compare.js";
import { ScoreReader } from "./mean-scores.js";
import { type MadeUpCell, madeUpBenchmark, madeUpCell, writeBenchmark } from "./test-support.js";

const cells = madeUpBenchmark({ datasets: ["phase-1", "phase-3"], seeds: [1, 2], trials: 60 });
const folder = writeBenchmark(cells);

const find = (dataset: string, task: string, method: string) =>
  cells.filter(
    ({ result }) => result.dataset === dataset && result.task === task && result.method === method,
  );

const meanScores = (of: readonly MadeUpCell[]) =>
  of[0]!.predictions.scores.map(
    (_, i) => of.reduce((sum, { predictions }) => sum + predictions.scores[i]!, 0) / of.length,
  );

test("two methods are tested on seed-averaged scores and by seed, as the statistics' own calls give", () => {
  const comparisons = compareMethods({ folder, first: "cladmop", second: "random-forest" });
  assert.deepEqual(
    comparisons.map(({ dataset, task }) => [dataset, task]),
    [
      ["phase-1", "supervised"],
      ["phase-3", "supervised"],
    ],
  );
  const [comparison] = comparisons;
  const [ours, forest] = ["cladmop", "random-forest"].map((method) =>
    find("phase-1", "supervised", method),
  ) as [MadeUpCell[], MadeUpCell[]];
  const { labels } = ours[0]!.predictions;
  const [a, b] = [meanScores(ours), meanScores(forest)];
  const delong = delongTest(labels, a, b);
  const { adjusted, ...test } = comparison!.mean.rocAuc;
  const { z: _, ...expected } = delong;
  assert.deepEqual(test, { first: rocAuc(labels, a), second: rocAuc(labels, b), ...expected });
  assert.ok(adjusted >= test.p);
  assert.equal(
    comparison!.mean.prAuc.difference,
    averagePrecision(labels, a) - averagePrecision(labels, b),
  );

  assert.deepEqual(
    comparison!.bySeed.map(({ seed }) => seed),
    [1, 2],
  );
  const [first, second] = [ours[1]!.predictions.scores, forest[1]!.predictions.scores];
  const bootstrap = pairedBootstrap(labels, first, second, averagePrecision, { seed: 1 });
  assert.equal(comparison!.bySeed[1]!.rocAuc.p, delongTest(labels, first, second).p);
  assert.equal(comparison!.bySeed[1]!.prAuc.p, bootstrap.p);
  assert.deepEqual(comparison!.bySeed[1]!.prAuc.interval, bootstrap.interval);
});

test("methods meet at every number of shots, and in ablations, whose settings are titles", () => {
  const shots = compareMethods({ folder, first: "cladmop", second: "prototypes" }).map(
    ({ settings }) => settings.shots,
  );
  assert.deepEqual(shots, [1, 2, 4, 8, 16, 1, 2, 4, 8, 16]);
  const [ablation] = compareMethods({ folder, first: "cladmop", second: "no-pretraining" });
  assert.deepEqual([ablation!.task, ablation!.settings], ["ablation", {}]);
});

test("swapping the methods turns the differences around", () => {
  const [one] = compareMethods({ folder, first: "cladmop", second: "mexa-ctp" });
  const [other] = compareMethods({ folder, first: "mexa-ctp", second: "cladmop" });
  assert.equal(other!.mean.rocAuc.difference, -one!.mean.rocAuc.difference);
  assert.equal(other!.mean.prAuc.p, one!.mean.prAuc.p);
});

test("every other method is tested against ours, as one family that Holm corrects", () => {
  const rows = aggregate(cells.map(({ result }) => result));
  const comparisons = compareWithOurs(rows, new ScoreReader(folder));
  const others = rows.filter(({ method }) => method !== "cladmop");
  assert.equal(comparisons.length, others.length);
  assert.ok(comparisons.every(({ first, bySeed }) => first.method === "cladmop" && !bySeed.length));
  const tests = comparisons.flatMap(({ mean }) => [mean.rocAuc, mean.prAuc]);
  assert.deepEqual(
    tests.map(({ adjusted }) => adjusted),
    holm(tests.map(({ p }) => p)),
  );
});

test("a bootstrap can be significant in a large family", () => {
  const ranking = (method: string, strength: number, dataset: string) =>
    madeUpCell(
      {
        task: "zero-shot",
        dataset,
        method,
        title: method,
        seed: 1,
        strength,
        areProbabilities: false,
      },
      40,
    );
  const datasets = Array.from({ length: 30 }, (_, i) => `set-${i}`);
  const large = datasets.flatMap((dataset) => [
    ranking("cladmop", 4, dataset),
    ranking("weak", -4, dataset),
  ]);
  const comparisons = compareMethods({
    folder: writeBenchmark(large),
    first: "cladmop",
    second: "weak",
  });
  // With 1,000 resamples no p is below .002, DeLong's are all smaller, and Holm takes the rest 30 times.
  for (const { mean } of comparisons) assert.ok(mean.prAuc.adjusted <= 0.05);
});

test("trials with fewer than two failures cannot be tested and are left out", () => {
  const { result } = find("phase-1", "supervised", "cladmop")[0]!;
  const figures = { ...result.figures, positives: result.figures.n - 1 };
  const rows = aggregate([
    { ...result, figures },
    { ...result, figures, method: "other" },
  ]);
  assert.deepEqual(compareWithOurs(rows, new ScoreReader(folder)), []);
});

const refusal = (first: string, second: string, of = folder): string => {
  try {
    compareMethods({ folder: of, first, second });
  } catch (error) {
    assert.ok(error instanceof InputError);
    return error.message;
  }
  return assert.fail("nothing was refused");
};

test("methods that are unknown or never met are named", () => {
  assert.match(refusal("cladmop", "xgboost"), /no result of "xgboost".*Name two of: cladmop,/);
  assert.match(refusal("mexa-ctp", "prototypes"), /mexa-ctp \(phase-1, supervised; .*share no/);
});

test("methods that were scored on different trials are not compared", () => {
  const what = {
    task: "supervised",
    dataset: "phase-1",
    title: "A",
    seed: 1,
    strength: 1,
  } as const;
  const a = madeUpCell({ ...what, method: "a" }, 40);
  const b = madeUpCell({ ...what, method: "b" }, 40);
  const trials = b.predictions.trials.toReversed();
  const mixed = writeBenchmark([a, { ...b, predictions: { ...b.predictions, trials } }]);
  assert.match(refusal("a", "b", mixed), /not scored on the same trials of phase-1/);
});

test("a long comparison tells its progress and stops when asked", () => {
  let reports = 0;
  const watcher = { report: () => reports++, say: () => {}, stopping: () => reports > 1 };
  assert.throws(
    () => compareMethods({ folder, first: "cladmop", second: "mexa-ctp" }, watcher),
    Interrupted,
  );
  assert.equal(reports, 2);
});
