import assert from "node:assert/strict";
import { test } from "node:test";
import { InputError } from "../base/error.js";
import { groupBy } from "../base/group.js";
import { Interrupted } from "../base/watcher.js";
import { averagePrecision, delongTest, holm, rocAuc } from "../evaluation/index.js";
import { aggregate } from "./aggregate.js";
import { compareMethods, compareWithReferences } from "./compare.js";
import { ScoreReader } from "./mean-scores.js";
import { testBoth } from "./paired-tests.js";
import { type MadeUpCell, madeUpBenchmark, madeUpCell, writeBenchmark } from "./test-support.js";

const cells = madeUpBenchmark({ datasets: ["phase-1", "phase-3"], seeds: [1, 2], trials: 60 });
const folder = writeBenchmark(cells);

const find = (dataset: string, task: string, method: string) =>
  cells.filter(
    ({ result }) => result.dataset === dataset && result.task === task && result.method === method,
  );

const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}`);

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
  const { ensemble, bySeed, overSeeds, adjusted } = comparison!;
  const { z: _, ...expected } = delong;
  assert.deepEqual(ensemble!.rocAuc, {
    first: rocAuc(labels, a),
    second: rocAuc(labels, b),
    ...expected,
  });
  assert.ok(adjusted.rocAuc >= ensemble!.rocAuc.p);
  assert.equal(
    ensemble!.prAuc.difference,
    averagePrecision(labels, a) - averagePrecision(labels, b),
  );

  assert.deepEqual(
    bySeed.map(({ seed }) => seed),
    [1, 2],
  );
  const [first, second] = [ours[1]!.predictions.scores, forest[1]!.predictions.scores];
  assert.deepEqual(bySeed[1], { seed: 2, ...testBoth(labels, first, second) });
  const [one, two] = bySeed.map((of) => of.prAuc.difference) as [number, number];
  near(overSeeds.prAuc.difference, (one + two) / 2);
  near(overSeeds.prAuc.standardError!, Math.abs(one - two) / 2); // √(d² / 2) / √2, d their distance
});

test("draws of few-shot learning are tested one by one, and twice their median p is in the family", () => {
  const comparisons = compareMethods({ folder, first: "few-lora", second: "prototypes" });
  assert.ok(comparisons.every(({ ensemble, bySeed }) => ensemble === null && bySeed.length === 2));
  const tests = comparisons.flatMap(({ overSeeds: { rocAuc, prAuc } }) => [rocAuc, prAuc]);
  const ps = tests.map(({ medianP }) => Math.min(1, 2 * medianP));
  assert.deepEqual(
    comparisons.flatMap(({ adjusted: { rocAuc, prAuc } }) => [rocAuc, prAuc]),
    [...holm(ps.slice(0, 10)), ...holm(ps.slice(10))], // five numbers of shots a data set
  );
});

test("scores are not averaged where one method has more seeds; the shared ones are tested", () => {
  const [comparison] = compareMethods({ folder, first: "cladmop", second: "perplexity" });
  const { first, second, bySeed, ensemble, overSeeds } = comparison!;
  assert.deepEqual([first.cells.length, second.cells.length], [2, 1]);
  assert.deepEqual(
    bySeed.map(({ seed }) => seed),
    [1],
  );
  assert.equal(ensemble, null);
  assert.equal(overSeeds.rocAuc.standardError, null);
  assert.equal(overSeeds.rocAuc.medianP, bySeed[0]!.rocAuc.p);
});

test("methods meet at every number of shots, and in ablations, whose settings are titles", () => {
  const shots = compareMethods({ folder, first: "few-lora", second: "prototypes" }).map(
    ({ settings }) => settings.shots,
  );
  assert.deepEqual(shots, [1, 2, 4, 8, 16, 1, 2, 4, 8, 16]);
  const [ablation] = compareMethods({ folder, first: "deep", second: "deep-scratch" });
  assert.deepEqual([ablation!.task, ablation!.settings], ["ablation", {}]);
});

test("swapping the methods turns the differences around", () => {
  const [one] = compareMethods({ folder, first: "cladmop", second: "mexa-ctp" });
  const [other] = compareMethods({ folder, first: "mexa-ctp", second: "cladmop" });
  assert.equal(other!.ensemble!.rocAuc.difference, -one!.ensemble!.rocAuc.difference);
  assert.equal(other!.overSeeds.prAuc.difference, -one!.overSeeds.prAuc.difference);
  assert.equal(other!.adjusted.prAuc, one!.adjusted.prAuc);
});

test("every method is tested against the reference of its task; Holm corrects by task and data set", () => {
  const rows = aggregate(cells.map(({ result }) => result));
  const comparisons = compareWithReferences(rows, new ScoreReader(folder));
  const others = rows.filter(({ reference }) => !reference);
  assert.equal(comparisons.length, others.length);
  const met = new Set(comparisons.map(({ task, first }) => `${task}: ${first.method}`));
  assert.deepEqual([...met].sort(), [
    ...["ablation: deep", "few-shot: few-lora", "new-disease: deep"],
    ...["supervised: cladmop", "zero-shot: cladmop"],
  ]);
  const families = groupBy(comparisons, ({ task, dataset }) => `${task}, ${dataset}`);
  assert.equal(families.size, 10);
  for (const family of families.values()) {
    const ps = family.flatMap(({ ensemble, overSeeds, bySeed }) =>
      (["rocAuc", "prAuc"] as const).map((figure) =>
        ensemble
          ? ensemble[figure].p
          : Math.min(1, Math.min(2, bySeed.length) * overSeeds[figure].medianP),
      ),
    );
    assert.deepEqual(
      family.flatMap(({ adjusted: { rocAuc, prAuc } }) => [rocAuc, prAuc]),
      holm(ps),
    );
    assert.ok(family.every((one) => one.family === ps.length));
  }
});

test("two references of one task meet once, and one without a shared seed meets none", () => {
  const what = { task: "supervised", dataset: "phase-1", strength: 1, reference: true } as const;
  const of = (method: string, seed: number) =>
    madeUpCell({ ...what, method, title: method, seed }, 40);
  const met = [of("b", 1), of("a", 1), of("c", 2)];
  const rows = aggregate(met.map(({ result }) => result));
  assert.deepEqual(
    compareWithReferences(rows, new ScoreReader(writeBenchmark(met))).map(({ first, second }) => [
      first.method,
      second.method,
    ]),
    [["a", "b"]],
  );
});

test("a bootstrap can be significant in a large family", () => {
  const ranking = (method: string, strength: number, set: string) =>
    madeUpCell(
      {
        task: "zero-shot",
        dataset: "phase-1",
        settings: { set },
        method,
        title: method,
        seed: 1,
        strength,
        areProbabilities: false,
      },
      40,
    );
  const sets = Array.from({ length: 30 }, (_, i) => `set-${i}`);
  const large = sets.flatMap((set) => [ranking("cladmop", 4, set), ranking("weak", -4, set)]);
  const comparisons = compareMethods({
    folder: writeBenchmark(large),
    first: "cladmop",
    second: "weak",
  });
  // A p counted over 1,000 resamples is .002 or more, and Holm would take these 30 times and more.
  assert.equal(comparisons[0]!.family, 60);
  for (const { adjusted } of comparisons) assert.ok(adjusted.prAuc <= 0.05);
});

test("trials with fewer than two failures cannot be tested and are left out", () => {
  const { result } = find("phase-1", "supervised", "cladmop")[0]!;
  const figures = { ...result.figures, positives: result.figures.n - 1 };
  const rows = aggregate([
    { ...result, figures },
    { ...result, figures, method: "other", reference: false },
  ]);
  assert.deepEqual(compareWithReferences(rows, new ScoreReader(folder)), []);
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
