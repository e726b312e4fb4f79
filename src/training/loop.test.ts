import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Random } from "../base/random.js";
import { Interrupted, type Watcher } from "../base/watcher.js";
import {
  ADAMW,
  adamW,
  compile,
  cpu,
  floats,
  Graph,
  linear,
  mean,
  square,
  subtract,
  type Value,
} from "../graph/index.js";
import { initialState, shuffledBatches, type Training, train } from "./loop.js";
import { RunFolder } from "./run-folder.js";

const root = mkdtempSync(join(tmpdir(), "cladmop-loop-"));
after(() => rmSync(root, { recursive: true }));

const TRUTH = [1, -2, 3];
const ROWS = 4;
/** Up to here the loss falls; then the sign of the learning rate changes, and everything gets worse. */
const TURN = 8;
const distance = (weight: ArrayLike<number>) =>
  TRUTH.reduce((sum, value, i) => sum + (value - weight[i]!) ** 2, 0);

/** Linear regression; measured is how far the weights are from the truth. */
async function regression(change: Partial<Training> = {}): Promise<Training> {
  const graph = new Graph();
  const weight = graph.input("weight", [1, TRUTH.length]);
  const x = graph.input("x", [ROWS, TRUTH.length]);
  const loss = mean(square(subtract(linear(x, weight), graph.input("y", [ROWS, 1]))));
  graph.output("loss", loss);
  adamW(graph, loss, [{ tensor: weight }], ADAMW);
  return {
    stage: "Fitting",
    session: await compile(graph, cpu(1)),
    state: initialState(new Map([["weight", { shape: [1, 3], data: new Float32Array(3) }]])),
    steps: 30,
    adamW: ADAMW,
    learningRate: (step) => (step <= TURN ? 0.1 : -0.1),
    batch: (step) => {
      const x = new Random("batch", step).normals(ROWS * TRUTH.length, 1);
      const y = Float32Array.from({ length: ROWS }, (_, row) =>
        TRUTH.reduce((sum, value, i) => sum + value * x[row * TRUTH.length + i]!, 0),
      );
      return { x, y };
    },
    validate: {
      every: 4,
      minimise: "distance",
      patience: 2,
      measure: async ({ weight }) => ({ distance: distance(floats(weight as Value)) }),
    },
    checkpointEvery: 3,
    ...change,
  };
}

/** A user who asks to stop in a step, or a machine that kills the process in it. */
function watcher({ stopIn = 0, killIn = 0 } = {}): Watcher & { reported: number[] } {
  const reported: number[] = [];
  return {
    reported,
    report: ({ done }) => {
      if (done === killIn) throw new Error("killed");
      reported.push(done);
    },
    say: () => {},
    stopping: () => reported.at(-1) === stopIn,
  };
}

const open = (name: string, resume = false) =>
  RunFolder.open(join(root, name), { command: "test", seed: 1, settings: null, data: {} }, resume);
const filesOf = ({ path }: RunFolder) =>
  ["metrics.ndjson", "checkpoint.json"].map((name) => readFileSync(join(path, name), "utf8"));

test("the best parameters are returned, not the last, and training stops without better ones", async () => {
  const training = await regression();
  const watched = watcher();
  const folder = open("best");
  const { parameters, best, step } = await train(training, folder, watched);
  assert.equal(step, TURN);
  assert.deepEqual(watched.reported.at(-1), TURN + 2 * 4, "two validations without a better one");
  assert.equal(distance(parameters.get("weight")!.data), best);
  const metrics = readFileSync(join(folder.path, "metrics.ndjson"), "utf8").trimEnd().split("\n");
  const distances = metrics.map((line) => JSON.parse(line).distance as number);
  assert.equal(distances.length, 4);
  assert.deepEqual(distances.indexOf(Math.min(...distances)), 1);
  assert.ok(best < distance([0, 0, 0]) && distances[3]! > best);
});

test("stopped or killed in any step, a run resumes to the bit-identical result", async () => {
  const training = await regression();
  const whole = open("whole");
  const expected = await train(training, whole, watcher());
  for (let step = 1; step < TURN + 8; step++) {
    const stopped = `stopped in ${step}`;
    await assert.rejects(train(training, open(stopped), watcher({ stopIn: step })), Interrupted);
    const killed = `killed in ${step}`;
    await assert.rejects(train(training, open(killed), watcher({ killIn: step })), /killed/);
    for (const name of [stopped, killed]) {
      const folder = open(name, true);
      const watched = watcher();
      assert.deepEqual(await train(training, folder, watched), expected, name);
      const saved = name === stopped ? step : step - 1 - ((step - 1) % 3);
      assert.equal(watched.reported[0], saved + 1, "nothing saved is done again");
      assert.deepEqual(filesOf(folder), filesOf(whole), name);
    }
  }
  // A run that has ended gives its result again, without a step.
  const watched = watcher();
  assert.deepEqual(await train(training, open("whole", true), watched), expected);
  assert.ok(watched.reported.length <= 1);
});

test("a loss that is not a number ends the run with stage and step", async () => {
  const training = await regression();
  const batch: Training["batch"] = (step) =>
    step < 5
      ? training.batch(step)
      : { ...training.batch(step), y: new Float32Array(ROWS).fill(Number.NaN) };
  await assert.rejects(train({ ...training, batch }, open("nan"), watcher()), {
    message: "Fitting: the loss is NaN at step 5",
  });
});

test("a validation score that is not a number ends the run, too", async () => {
  const training = await regression();
  const validate = { ...training.validate, measure: async () => ({ distance: Number.NaN }) };
  await assert.rejects(train({ ...training, validate }, open("no score"), watcher()), {
    message: /^Fitting: distance is NaN at step /,
  });
});

test("every epoch goes through all rows in an order of its own, a function of key and step", () => {
  const sizes = { rows: 10, batch: 4, stepsPerEpoch: 3 };
  const rowsOf = shuffledBatches(sizes, "key");
  const epochs = [1, 4].map((first) => [0, 1, 2].map((i) => [...rowsOf(first + i)]));
  for (const batches of epochs) {
    assert.deepEqual(
      batches.map(({ length }) => length),
      [4, 4, 2],
    );
    const rows = batches.flat().sort((a, b) => a - b);
    assert.deepEqual(rows, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  }
  assert.notDeepEqual(epochs[0], epochs[1]);
  assert.deepEqual([...shuffledBatches(sizes, "key")(5)], epochs[1]![1]);
  assert.notDeepEqual([...shuffledBatches(sizes, "other key")(5)], epochs[1]![1]);
});
