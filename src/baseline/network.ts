import type { Labels } from "../base/labels.js";
import { applyTemperature, logLoss } from "../evaluation/index.js";
import {
  ADAMW,
  adamW,
  compile,
  cosineSchedule,
  type Feed,
  floats,
  Graph,
  type Tensor,
} from "../graph/index.js";
import { Parameters } from "../model/index.js";
import { initialState, shuffledBatches, type Training, train } from "../training/loop.js";
import { UNRECORDED } from "../training/run-folder.js";
import type { FitOptions } from "./baseline.js";

/** A neural network for rows of some kind, and how it is trained. */
export interface Network<Row> {
  readonly stage: string;
  /** Rows B in a batch. */
  readonly batch: number;
  readonly epochs: number;
  /** Few trials are gone through more often. */
  readonly leastSteps: number;
  /** Epochs without a better validation loss before stopping. */
  readonly patience: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Logits [B] of the inputs that {@link feeds} gives. */
  logits(parameters: Parameters): Tensor;
  /** What training makes small; of rows whose weight is 0 it knows nothing. @param labels [B] */
  loss(parameters: Parameters, labels: Tensor, weights: Tensor): Tensor;
  /** At most B rows; what is missing of a batch is filled with anything. */
  feeds(rows: readonly Row[]): Readonly<Record<string, Feed>>;
  /** What the loss reads besides, such as masks of dropout. @param step from 1 */
  stepFeeds(step: number): Readonly<Record<string, Feed>>;
}

interface Labelled<Row> {
  readonly rows: readonly Row[];
  readonly labels: Labels;
}

const optimiserOf = ({ weightDecay }: Pick<Network<never>, "weightDecay">) => ({
  ...ADAMW,
  weightDecay,
});

/** The graph of a training step; beside the network's feeds it takes labels [B] and weights [B]. */
export function stepGraph(network: Omit<Network<never>, "feeds">): {
  graph: Graph;
  parameters: Parameters;
} {
  const graph = new Graph();
  const parameters = new Parameters(graph);
  const [labels, weights] = ["labels", "weights"].map((name) =>
    graph.input(name, [network.batch]),
  ) as [Tensor, Tensor];
  const loss = network.loss(parameters, labels, weights);
  graph.output("loss", loss);
  const trainables = [...parameters.tensors.values()].map((tensor) => ({ tensor }));
  adamW(graph, loss, trainables, optimiserOf(network));
  return { graph, parameters };
}

/**
 * Trains a network. The parameters of the least log loss on validation rows are kept, without those the
 * last step's.
 * @returns rows → P(1)
 * @throws Interrupted if the watcher stops it
 */
export async function fitNetwork<Row>(
  network: Network<Row>,
  { rows, labels }: Labelled<Row>,
  validation: Labelled<Row> | undefined,
  { seed, processor, watcher }: FitOptions,
): Promise<(rows: readonly Row[]) => Promise<Float64Array>> {
  const { stage, batch } = network;
  const { graph, parameters } = stepGraph(network);
  const session = await compile(graph, processor);

  const scoringGraph = new Graph();
  scoringGraph.output("logits", network.logits(new Parameters(scoringGraph)));
  const scoring = await compile(scoringGraph, processor); // lives as long as what is returned
  const score = async (values: Readonly<Record<string, Feed>>, some: readonly Row[]) => {
    const logits = new Float64Array(some.length);
    for (let first = 0; first < some.length; first += batch) {
      const part = some.slice(first, first + batch);
      const output = await scoring.run({ ...values, ...network.feeds(part) });
      logits.set(floats(output.logits).subarray(0, part.length), first);
    }
    return applyTemperature(logits, 1);
  };

  const stepsPerEpoch = Math.ceil(rows.length / batch);
  const steps = Math.max(network.leastSteps, stepsPerEpoch * network.epochs);
  const chosenBy = shuffledBatches({ rows: rows.length, batch, stepsPerEpoch }, seed, stage);
  const validate: Training["validate"] = validation
    ? {
        every: stepsPerEpoch,
        minimise: "logLoss",
        patience: network.patience,
        measure: async (values) => ({
          logLoss: logLoss(validation.labels, await score(values, validation.rows)),
        }),
      }
    : // The only parameters that are measured are the best.
      { every: steps, minimise: "nothing", measure: async () => ({ nothing: 0 }) };
  try {
    const { parameters: best } = await train(
      {
        stage,
        session,
        state: initialState(parameters.initial(seed)),
        steps,
        adamW: optimiserOf(network),
        learningRate: (step) =>
          cosineSchedule(step, { peak: network.learningRate, warmup: stepsPerEpoch, steps }),
        batch: (step) => {
          const chosen = [...chosenBy(step)];
          const padded = (value: (row: number) => number) =>
            Float32Array.from({ length: batch }, (_, i) =>
              i < chosen.length ? value(chosen[i]!) : 0,
            );
          return {
            ...network.feeds(chosen.map((row) => rows[row]!)),
            ...network.stepFeeds(step),
            labels: padded((row) => labels[row]!),
            weights: padded(() => 1),
          };
        },
        validate,
        checkpointEvery: steps,
      },
      UNRECORDED,
      watcher,
    );
    const values = Object.fromEntries([...best].map(([name, { data }]) => [name, data]));
    return (some) => score(values, some);
  } finally {
    await session.release();
  }
}
