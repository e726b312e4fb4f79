import { Random } from "../base/random.js";
import type { TensorData } from "../base/safetensors.js";
import { Interrupted, type Watcher } from "../base/watcher.js";
import {
  type AdamWOptions,
  type Feed,
  floats,
  momentNames,
  type Session,
  sizeOf,
  stepFeeds,
  upload,
} from "../graph/index.js";
import type { RunRecord } from "./run-folder.js";

/** Parameters and their moments by name. */
export type State = Map<string, TensorData>;

/** Zero moments beside the given initial parameters. */
export function initialState(parameters: ReadonlyMap<string, TensorData>): State {
  const state: State = new Map(parameters);
  for (const [name, { shape }] of parameters)
    for (const moment of momentNames(name))
      state.set(moment, { shape, data: new Float32Array(sizeOf(shape)) });
  return state;
}

export interface Training {
  readonly stage: string;
  readonly session: Session;
  readonly state: State;
  readonly steps: number;
  readonly adamW: AdamWOptions;
  readonly learningRate: (step: number) => number;
  /** The data of a step, from 1: a function of the step alone, so that a run can be resumed. */
  readonly batch: (step: number) => Readonly<Record<string, Feed>>;
  /** Measures the parameters on validation data; the best are kept. */
  readonly validate: {
    readonly every: number;
    readonly measure: (
      parameters: Readonly<Record<string, Feed>>,
    ) => Promise<Record<string, number>>;
    /** The figure to make small, and after how many validations without a better one to stop. */
    readonly minimise: string;
    readonly patience?: number;
  };
  readonly checkpointEvery: number;
}

/**
 * Runs the training of a step graph (see adamW) to its end, with validation, metrics and
 * checkpoints; goes on from the run folder's checkpoint if it has one.
 * @returns the parameters of the best validation
 * @throws Error if the loss or the validation score is not finite
 */
export async function train(
  training: Training,
  folder: RunRecord,
  watcher: Watcher,
): Promise<{ parameters: Map<string, TensorData>; best: number; step: number }> {
  const { stage, session, steps, validate } = training;
  const saved = folder.load();
  const names = [...training.state.keys()];
  const state = await upload(
    new Map(names.map((name) => [name, (saved?.tensors ?? training.state).get(name)!])),
    session.processor,
  );
  const parameters = names.filter((name) => training.state.has(momentNames(name)[0]));
  let best = saved?.notes.best ?? Number.POSITIVE_INFINITY;
  let bestStep = saved?.notes.bestStep ?? 0;
  let bestParameters = new Map<string, TensorData>();
  for (const name of parameters) {
    const kept = saved?.tensors.get(`best/${name}`);
    if (kept) bestParameters.set(name, kept);
  }
  let lossSum = saved?.notes.lossSum ?? 0;
  let lossCount = saved?.notes.lossCount ?? 0;
  const save = async (step: number) => {
    const tensors: State = await state.fetch();
    for (const [name, data] of bestParameters) tensors.set(`best/${name}`, data);
    const notes = { best: Math.min(best, Number.MAX_VALUE), bestStep, lossSum, lossCount };
    folder.save({ step, notes, tensors });
  };

  let step = saved?.step ?? 0;
  const stopped = () =>
    validate.patience !== undefined && step - bestStep >= validate.patience * validate.every;
  while (step < steps && !stopped()) {
    step++;
    const learningRate = training.learningRate(step);
    const results = await session.run({
      ...state.feeds,
      ...training.batch(step),
      ...stepFeeds(step, learningRate, training.adamW),
    });
    state.replace(results);
    const loss = floats(results.loss)[0]!;
    if (!Number.isFinite(loss)) throw new Error(`${stage}: the loss is ${loss} at step ${step}`);
    lossSum += loss;
    lossCount++;
    if (step % validate.every === 0 || step === steps) {
      const measured = await validate.measure(
        Object.fromEntries(parameters.map((name) => [name, state.feeds[name]!])),
      );
      const score = measured[validate.minimise]!;
      if (!Number.isFinite(score))
        throw new Error(`${stage}: ${validate.minimise} is ${score} at step ${step}`);
      if (score < best) {
        best = score;
        bestStep = step;
        const now = await state.fetch();
        bestParameters = new Map(parameters.map((name) => [name, now.get(name)!]));
      }
      folder.record({ step, loss: lossSum / lossCount, learningRate, ...measured });
      lossSum = lossCount = 0;
    }
    watcher.report({ stage, done: step, total: steps, detail: `loss ${loss.toFixed(3)}` });
    const stopping = watcher.stopping();
    if (stopping || step % training.checkpointEvery === 0 || step === steps) await save(step);
    if (stopping && step < steps) throw new Interrupted(folder.run);
  }
  await state.release();
  return { parameters: bestParameters, best, step: bestStep };
}

/**
 * The rows that each step, from 1, reads: `batch` of them, fewer where they end. Every epoch goes
 * through `rows` rows in an order of its own.
 * @param key decides the orders, see {@link Random}
 */
export function shuffledBatches(
  { rows, batch, stepsPerEpoch }: { rows: number; batch: number; stepsPerEpoch: number },
  ...key: readonly (string | number)[]
): (step: number) => Int32Array {
  let order = { epoch: -1, rows: new Int32Array() as Int32Array };
  return (step) => {
    const epoch = Math.floor((step - 1) / stepsPerEpoch);
    if (order.epoch !== epoch) order = { epoch, rows: new Random(...key, epoch).permutation(rows) };
    const first = ((step - 1) % stepsPerEpoch) * batch;
    return order.rows.subarray(first, first + batch);
  };
}
