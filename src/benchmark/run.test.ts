import assert from "node:assert/strict";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readBytes, sha256 } from "../base/file.js";
import { Interrupted, type Watcher } from "../base/watcher.js";
import { BASELINES } from "../baseline/index.js";
import { averagePrecision, rocAuc } from "../evaluation/index.js";
import { cpu } from "../graph/index.js";
import { madeUpTrials, topCsv } from "../serving/test-support.js";
import { readTrials } from "../trial/index.js";
import { chooseTrials } from "./choose.js";
import { readConfig } from "./config.js";
import { Context } from "./context.js";
import { type CellFailure, type CellResult, type Predictions, TASKS } from "./result.js";
import { benchmark } from "./run.js";
import { fixture, SILENT } from "./test-support.js";

const { root, write } = await fixture();
const GRID = `
encoder: language/encoder
datasets:
  one: { train: train.csv, valid: valid.csv, test: test.csv }
  two: { train: train.csv, test: [test.csv] }
pretraining: { trials: known.csv, studies: studies.ndjson, approved: approved.csv }
seeds: [1]
models:
  ours: &ours
    title: Ours
    epochs: 1
    levels: [3]
    centroids: [4]
    members: 1
    shallow: false
    finetuning: { epochs: 1 }
  ours-head: { <<: *ours, title: Ours with a head, adapt: head }
  scratch: { pretrained: false, levels: [3], centroids: [4], members: 1, finetuning: { epochs: 1 } }
experiments:
  - { task: zero-shot, methods: [ours, all-positive, nearest-successful, known-success-tf-idf], datasets: [one] }
  - { task: few-shot, methods: [ours, ours-head, prototypes], datasets: [one], shots: [2] }
  - { task: few-shot, methods: [prototypes], datasets: [one], shots: [500] }
  - { task: supervised, methods: [scratch], datasets: [one] }
  - { task: supervised, methods: [tf-idf-words, random-forest] }
  - { task: new-disease, methods: [tf-idf-words], datasets: [one] }
  - { task: ablation, methods: [ours], datasets: [one] }
`;
/** One of them fails. New diseases are of one chapter: no other has enough trials. */
const CELLS = 4 + 3 + 1 + 1 + 4 + 1 + 1;

const file = write("grid.yaml", GRID);
const at = (...names: string[]) => join(root, ...names);
interface Asked {
  readonly out?: string;
  readonly only?: readonly string[];
  readonly grid?: string;
  readonly jobs?: number;
  readonly skipInvalid?: boolean;
  readonly watcher?: Partial<Watcher>;
}
const SHARED = { cache: at("cache"), cacheLimit: 1, ...cpu(1), skipInvalid: false };
function run({ out = "out", grid = file, watcher = {}, ...asked }: Asked = {}) {
  const options = { ...SHARED, only: [], jobs: 1, ...asked, file: grid, out: at(out) };
  return benchmark(options, { ...SILENT, ...watcher });
}
const text = (...names: string[]) => readFileSync(at(...names), "utf8");
const linesOf = <T>(...names: string[]): T[] =>
  text(...names)
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as T);
const resultsOf = (out = "out") => linesOf<CellResult>(out, "results.ndjson");
const predictionsOf = (id: string, out = "out") =>
  JSON.parse(text(out, "predictions", `${id}.json`)) as Predictions;

const summary = await run({ jobs: 2 });
const results = resultsOf();

test("every cell of the grid but the one that cannot be has a result, with its predictions", () => {
  const { cells, finished, computed, failures } = summary;
  assert.deepEqual([cells, finished, computed, failures.length], [CELLS, CELLS - 1, CELLS - 1, 1]);
  assert.equal(results.length, CELLS - 1);
  assert.equal(new Set(results.map(({ id }) => id)).size, CELLS - 1);
  assert.deepEqual([...new Set(results.map(({ task }) => task))].sort(), [...TASKS].sort());
  assert.deepEqual(
    readdirSync(at("out/predictions")).sort(),
    results.map(({ id }) => `${id}.json`).sort(),
  );
});

test("figures are those of the predictions; labels and trials are the scored file's", () => {
  const { records } = readTrials(at("test.csv"));
  const truth = new Map(records.map(({ trial, outcome }) => [trial.nctId, outcome.label]));
  for (const { id, task, figures, scored } of results) {
    const { trials, labels, scores, areProbabilities } = predictionsOf(id);
    assert.equal(scored, "test.csv");
    assert.equal(figures.n, trials.length);
    assert.ok(task === "new-disease" ? trials.length < 80 : trials.length === 80);
    assert.deepEqual(
      labels,
      trials.map((nctId) => truth.get(nctId)),
    );
    assert.equal(figures.rocAuc, rocAuc(labels, scores));
    assert.equal(figures.prAuc, averagePrecision(labels, scores));
    assert.equal(figures.brier !== null, areProbabilities);
    if (areProbabilities) assert.ok(scores.every((score) => score >= 0 && score <= 1));
    // A threshold comes from validation trials, where there are any.
    const validates = task !== "zero-shot" && task !== "few-shot";
    assert.equal(figures.threshold !== null && figures.f1 !== null, validates);
  }
});

test("what the criteria tell is learned", () => {
  for (const { method, task, figures } of results)
    if (method === "tf-idf-words" || method === "scratch")
      assert.ok(figures.rocAuc > 0.75, `${task}, ${method}: ${figures.rocAuc}`);
});

test("a line names its configuration, and the hash of everything that was read", () => {
  const hashOf = (...names: string[]) => sha256(readBytes(at(...names)));
  for (const { id, configuration, data, method, settings, task, title } of results) {
    assert.equal(configuration.slice(0, 12), id);
    assert.equal(data["train.csv"], hashOf("train.csv"));
    assert.equal(data["test.csv"], hashOf("test.csv"));
    assert.equal(data["model.safetensors"], hashOf("language/encoder/model.safetensors"));
    const sct = /^ours|^nearest-successful|^known-success/.test(method);
    for (const name of ["known.csv", "studies.ndjson", "approved.csv"])
      assert.equal(data[name], sct ? hashOf(name) : undefined, `${method}, ${name}`);
    if (method === "ours") assert.equal(title, "Ours");
    if (task === "ablation") assert.deepEqual(settings, { ablation: "Ours" });
    if (task === "new-disease") assert.deepEqual(settings, { chapter: "I00-I99" });
  }
});

test("baselines read training trials without their labels beside few shots, and nowhere else", async () => {
  const context = new Context({ ...SHARED, config: readConfig(file), out: at("out") }, SILENT);
  for (const [method, asked] of [
    ["prototypes", "few-shot"],
    ["tf-idf-words", "new-disease"],
  ] as const) {
    const cell = results.find((one) => one.method === method && one.task === asked)!;
    const chosen = chooseTrials(cell, await context.splits(cell.dataset));
    const { trials, labels } = await context.labelled(cell.dataset, "train", true);
    const test = await context.labelled(cell.dataset, "test", true);
    const pick = <T>(rows: readonly number[], from: ArrayLike<T>) => rows.map((row) => from[row]!);
    const training = { trials: pick(chosen.train, trials), labels: pick(chosen.train, labels) };
    const scoresWith = async (pool?: typeof trials) => {
      const fitting = { seed: cell.seed, processor: cpu(1), watcher: SILENT, pool };
      const score = await BASELINES.get(method)!.fit(training, undefined, fitting);
      return [...(await score(pick(chosen.test, test.trials)))];
    };
    const [pooled, alone] = [await scoresWith(trials), await scoresWith()];
    assert.notDeepEqual(pooled, alone);
    assert.deepEqual(predictionsOf(cell.id).scores, asked === "few-shot" ? pooled : alone);
  }
});

test("methods that differ in fine-tuning share one base", () => {
  assert.equal(readdirSync(at("out/bases")).length, 2); // pre-trained, and not
});

test("the cell that fails is listed with its log", () => {
  const [failure, ...more] = summary.failures as [CellFailure];
  assert.deepEqual(more, []);
  assert.deepEqual(linesOf("out", "failures.ndjson"), [failure]);
  const { task, dataset, method, settings, seed, message, log } = failure;
  assert.deepEqual(
    [task, dataset, method, settings, seed],
    ["few-shot", "one", "prototypes", { shots: 500 }, 1],
  );
  assert.equal(message, "train.csv: has fewer than 500 trials of one outcome. Ask for fewer shots");
  const [name, said, , ...story] = text("out", log).split("\n");
  assert.deepEqual([name, said], ["few-shot on one: prototypes, shots 500, seed 1", message]);
  assert.match(story.join("\n"), /^InputError: .*\n +at .*choose/);
});

test("run again, nothing is computed but what failed, and the results keep every byte", async () => {
  const before = text("out", "results.ndjson");
  const said: string[] = [];
  const again = await run({ watcher: { say: (line) => said.push(line) } });
  assert.deepEqual(again, { ...summary, computed: 0 });
  assert.equal(text("out", "results.ndjson"), before);
  assert.match(said.join("\n"), /^Failed: few-shot on one: prototypes, .*logs\/\w+\.log\)$/);
});

/** What must not depend on when and how often it was computed. */
const withoutTime = (cells: readonly CellResult[]) =>
  cells.map(({ seconds: _, ...cell }) => cell).sort((a, b) => (a.id < b.id ? -1 : 1));

test("computed anew, bases included, every figure and prediction is the same", async () => {
  const only = ["ours", "ours-head", "random-forest"];
  const anew = await run({ out: "anew", only });
  const cells = resultsOf("anew");
  assert.equal(anew.computed, cells.length);
  assert.deepEqual(new Set(cells.map(({ method }) => method)), new Set(only));
  const ids = new Set(cells.map(({ id }) => id));
  assert.deepEqual(withoutTime(cells), withoutTime(results.filter(({ id }) => ids.has(id))));
  for (const id of ids) assert.deepEqual(predictionsOf(id, "anew"), predictionsOf(id));
});

test("results of other settings are set aside, and come back with their settings", async () => {
  const whole = resultsOf();
  const changed = write(
    "changed.yaml",
    GRID.replace(/.*random-forest.*\n/, "").replace("shots: [2]", "shots: [1]"),
  );
  const { cells, finished, computed } = await run({ grid: changed, only: ["prototypes"] });
  // Four cells are gone and three are others: one of these is asked for.
  assert.deepEqual([cells, finished, computed], [CELLS - 4, CELLS - 4 - 3, 1]);
  const isKept = ({ task, method }: CellResult) =>
    task !== "few-shot" && (task !== "supervised" || method === "scratch");
  assert.deepEqual(resultsOf().slice(0, -1), whole.filter(isKept));
  assert.deepEqual(resultsOf().at(-1)!.settings, { shots: 1 });
  const aside = linesOf<CellResult>("out", "results-of-other-settings.ndjson");
  assert.deepEqual(
    aside,
    whole.filter((cell) => !isKept(cell)),
  );

  const { computed: none } = await run();
  assert.equal(none, 0);
  assert.deepEqual(withoutTime(resultsOf()), withoutTime(whole));
  const one = linesOf<CellResult>("out", "results-of-other-settings.ndjson");
  assert.deepEqual(
    one.map(({ settings }) => settings),
    [{ shots: 1 }],
  );
});

test("another title is shown, and nothing is computed for it", async () => {
  const titled = write("titled.yaml", GRID.replace("title: Ours\n", "title: CLaDMoP\n"));
  const { computed } = await run({ grid: titled });
  assert.equal(computed, 0);
  for (const { method, title, task, settings } of resultsOf())
    if (method === "ours") {
      assert.equal(title, "CLaDMoP");
      assert.deepEqual(settings.ablation, task === "ablation" ? "CLaDMoP" : undefined);
    }
  await run();
  assert.deepEqual(withoutTime(resultsOf()), withoutTime(results));
});

test("a line that a kill cut off is computed again, and no other", async () => {
  const whole = text("out", "results.ndjson");
  truncateSync(at("out/results.ndjson"), Buffer.byteLength(whole) - 20);
  const { computed, finished } = await run();
  assert.deepEqual([computed, finished], [1, CELLS - 1]);
  assert.deepEqual(withoutTime(resultsOf()), withoutTime(results));
  const kept = whole.trimEnd().split("\n").slice(0, -1).join("\n");
  assert.ok(text("out", "results.ndjson").startsWith(`${kept}\n`));
});

test("cells whose predictions are lost or damaged are computed again, and no other", async () => {
  const [first, second] = results.filter(({ method }) => method === "tf-idf-words");
  rmSync(at("out/predictions", `${first!.id}.json`));
  truncateSync(at("out/predictions", `${second!.id}.json`), 20);
  const said: string[] = [];
  const again = await run({ watcher: { say: (line) => said.push(line) } });
  assert.deepEqual(again, { ...summary, computed: 2 });
  assert.match(
    said[0]!,
    /^Without sound predictions .*: 2 of the cells, the first because .*\.json (is missing|is malformed JSON)/,
  );
  assert.deepEqual(withoutTime(resultsOf()), withoutTime(results));
  for (const { id, figures } of [first!, second!])
    assert.equal(predictionsOf(id).trials.length, figures.n);
});

test("a grid that is stopped goes on where it was", async () => {
  const only = ["random-forest", "tf-idf-words", "prototypes", "all-positive"];
  let stopping = false;
  await assert.rejects(
    run({
      out: "stopped",
      only,
      watcher: {
        report: ({ stage }) => {
          stopping ||= stage === "Running the grid" && resultsOfSoFar("stopped") > 0;
        },
        stopping: () => stopping,
      },
    }),
    (error) => {
      assert.ok(error instanceof Interrupted);
      assert.match(error.message, /in .*stopped; go on by running the command again\.$/);
      return true;
    },
  );
  const before = text("stopped", "results.ndjson");
  const count = resultsOf("stopped").length;
  const { computed, finished } = await run({ out: "stopped", only });
  assert.deepEqual([computed, finished], [7 - count, 7]);
  assert.ok(text("stopped", "results.ndjson").startsWith(before));
  const ids = new Set(resultsOf("stopped").map(({ id }) => id));
  const same = results.filter(({ id }) => ids.has(id));
  assert.deepEqual(withoutTime(resultsOf("stopped")), withoutTime(same));
});

const resultsOfSoFar = (out: string) =>
  existsSync(at(out, "results.ndjson")) ? text(out, "results.ndjson").split("\n").length - 1 : 0;

test("cells that need what failed tell why; the others are finished", async () => {
  // The criteria of a base are hidden states of an encoder, and this one's weights are damaged.
  mkdirSync(at("broken"));
  for (const name of ["config.json", "tokenizer.json"])
    copyFileSync(at("language/encoder", name), at("broken", name));
  write("broken/model.safetensors", "no weights");
  const broken = write("broken.yaml", GRID.replace("language/encoder", "broken"));
  const only = ["nearest-successful", "all-positive", "known-success-tf-idf"];
  const { failures, finished } = await run({ out: "none", grid: broken, only });
  const [{ method, message, log }] = failures as [CellFailure];
  // The others read no hidden states.
  assert.deepEqual([method, failures.length, finished], ["nearest-successful", 1, 2]);
  assert.match(
    message,
    /^it needs encoding for the default preset, which failed: .*broken\/model\.s/,
  );
  assert.match(text("none", log), /InputError: .*broken\/model\.safetensors/);

  // Too few successful trials for a base; what does not stand on it goes on.
  const few = text("known.csv")
    .split("\n")
    .slice(0, 30 * 9)
    .join("\n");
  write("few.csv", few);
  const fewer = write("few.yaml", GRID.replace("known.csv, studies: studies.ndjson,", "few.csv,"));
  const other = await run({ out: "few", grid: fewer, only: ["zero-shot"] });
  assert.equal(other.finished, 2);
  const why = other.failures.map((one) => `${one.method}: ${one.message}`).sort();
  assert.equal(why.length, 2);
  assert.match(why[0]!, /^known-success-tf-idf: known successes cannot be told from/);
  assert.match(
    why[1]!,
    /^ours: it needs pre-training, default preset, seed 1 \(base \w+\), which failed: of \d+ successful trials/,
  );
  rmSync(at("few"), { recursive: true });
});

test("a bad row is refused with the remedy; skipped, it is listed and everything else is as without it", async () => {
  const one = topCsv(madeUpTrials(1, 50_000)).replace("phase 1", "phase 9");
  write("bad.csv", `${text("train.csv").trimEnd()}${one.slice(one.indexOf("\n"))}`);
  const grid = write("bad.yaml", GRID.replaceAll("train.csv", "bad.csv"));
  const asked = { out: "bad", grid, only: ["one", "ours", "tf-idf-words"] };
  await assert.rejects(run(asked), {
    name: "InputError",
    message:
      /bad\.csv, row 61, field "phase": is unknown: "phase 9"\. Use .*; or go on without bad rows: --skip-invalid$/,
  });
  const said: string[] = [];
  const watcher = { say: (line: string) => said.push(line) };
  const { failures } = await run({ ...asked, jobs: 2, skipInvalid: true, watcher });
  assert.deepEqual(failures, []);
  assert.deepEqual(said, [
    `Warning: 1 bad row was skipped and listed in ${at("bad", "invalid.ndjson")}`,
  ]);
  const [{ row, problem }, ...more] = linesOf<{ row: number; problem: string }>(
    "bad",
    "invalid.ndjson",
  ) as [{ row: number; problem: string }];
  assert.deepEqual([row, problem, more], [61, 'is unknown: "phase 9"', []]);
  const whatOf = ({ task, method, figures }: CellResult) => [task, method, figures];
  const cells = resultsOf("bad");
  assert.deepEqual(new Set(cells.map(({ method }) => method)), new Set(["ours", "tf-idf-words"]));
  for (const cell of cells) {
    const { task, dataset, method } = cell;
    const same = results.find(
      (one) => one.task === task && one.dataset === dataset && one.method === method,
    )!;
    assert.deepEqual(whatOf(cell), whatOf(same));
  }
});

test("a word of --only that the grid does not have, and an absent file, are refused", async () => {
  await assert.rejects(run({ only: ["zero-shots"] }), {
    name: "InputError",
    message:
      /grid\.yaml, field "--only": "zero-shots" is no task, data set or method of the grid\. Name one of zero-shot, few-shot, .*one, two, .*tf-idf-words/,
  });
  await assert.rejects(run({ only: ["zero-shot", "one", "scratch"] }), {
    name: "InputError",
    message:
      /grid\.yaml, field "--only": no cell of the grid is all of zero-shot, one, scratch\. Name what/,
  });
  const grid = write("absent.yaml", GRID.replace("known.csv", "absent.csv"));
  await assert.rejects(run({ out: "absent", grid }), {
    name: "InputError",
    message: /absent\.csv: cannot be read/,
  });
  assert.ok(!existsSync(at("absent")));
});
