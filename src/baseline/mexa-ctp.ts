import { positivesOfBoth } from "../base/labels.js";
import { applyTemperature, logLoss } from "../evaluation/index.js";
import { ADAMW, adamW, compile, cosineSchedule, type Feed, floats, Graph } from "../graph/index.js";
import { diseaseTable, Parameters } from "../model/index.js";
import { initialState, shuffledBatches, type Training, train } from "../training/loop.js";
import { UNRECORDED } from "../training/run-folder.js";
import type { Baseline, BaselineTrial, FitOptions, LabelledTrials, Scorer } from "./baseline.js";
import { modeFeeds, modeInputs } from "./mexa-ctp/inputs.js";
import { jointLoss } from "./mexa-ctp/losses.js";
import { buildModel } from "./mexa-ctp/model.js";
import { SETTINGS } from "./mexa-ctp/settings.js";

const { epochs, learningRate, patience, weightDecay } = SETTINGS;
const ADAM = { ...ADAMW, weightDecay };

/**
 * MEXA-CTP, re-implemented (see mexa-ctp/model.ts): all of its parameters are trained, and training
 * stops by validation trials instead of test. Without any the last step's parameters are kept.
 */
export const mexaCtp: Baseline = { name: "mexa-ctp", title: "MEXA-CTP", fit };

async function fit(
  training: LabelledTrials,
  validation: LabelledTrials | undefined,
  { seed, threads, watcher }: FitOptions,
): Promise<Scorer> {
  positivesOfBoth(training.labels);
  const { trials, labels } = training;
  const table = diseaseTable(trials.map(({ features }) => features));
  const depth = trials[0]!.segments[0]!.length;
  const batch = Math.min(SETTINGS.batch, trials.length);
  const sizes = { batch, depth, diseases: table.size + 1 };
  const feedsOf = (part: readonly BaselineTrial[]) => modeFeeds(table, part, batch, depth);

  const { graph, parameters } = buildStep(sizes);
  const session = await compile(graph, threads);
  const scoring = await compile(buildScoring(sizes), threads);
  const score = async (
    values: Readonly<Record<string, Feed>>,
    scored: readonly BaselineTrial[],
  ) => {
    const logits = new Float64Array(scored.length);
    for (let first = 0; first < scored.length; first += batch) {
      const part = scored.slice(first, first + batch);
      const output = await scoring.run({ ...values, ...feedsOf(part) });
      logits.set(floats(output.logits).subarray(0, part.length), first);
    }
    return applyTemperature(logits, 1);
  };

  const stepsPerEpoch = Math.ceil(trials.length / batch);
  const steps = stepsPerEpoch * epochs;
  const rowsOf = shuffledBatches(
    { rows: trials.length, batch, stepsPerEpoch },
    seed,
    "MEXA-CTP epoch",
  );
  const validate: Training["validate"] = validation
    ? {
        every: stepsPerEpoch,
        minimise: "logLoss",
        patience,
        measure: async (values) => ({
          logLoss: logLoss(validation.labels, await score(values, validation.trials)),
        }),
      }
    : // The only parameters that are measured are the best.
      { every: steps, minimise: "nothing", measure: async () => ({ nothing: 0 }) };
  const { parameters: best } = await train(
    {
      stage: "Fitting MEXA-CTP",
      session,
      state: initialState(parameters.initial(seed)),
      steps,
      adamW: ADAM,
      learningRate: (step) =>
        cosineSchedule(step, { peak: learningRate, warmup: stepsPerEpoch, steps }),
      batch: (step) => {
        const rows = [...rowsOf(step)];
        const padded = (values: number[]) =>
          Float32Array.from({ length: batch }, (_, i) => values[i] ?? 0);
        return {
          ...feedsOf(rows.map((row) => trials[row]!)),
          labels: padded(rows.map((row) => labels[row]!)),
          weights: padded(rows.map(() => 1)),
        };
      },
      validate,
      checkpointEvery: steps,
    },
    UNRECORDED,
    watcher,
  );
  await session.release();
  const values = Object.fromEntries([...best].map(([name, { data }]) => [name, data]));
  return (scored) => score(values, scored);
}

/** What the shapes of the graphs depend on. */
interface Sizes {
  readonly batch: number;
  /** Width of the hidden states. */
  readonly depth: number;
  /** Rows of the disease table. */
  readonly diseases: number;
}

/**
 * The graph of a training step; beside the inputs of modeInputs it takes labels [B] and weights [B],
 * 0 where a row does not count.
 */
export function buildStep({ batch, depth, diseases }: Sizes): {
  graph: Graph;
  parameters: Parameters;
} {
  const graph = new Graph();
  const parameters = new Parameters(graph);
  const output = buildModel(parameters, modeInputs(graph, batch, depth), diseases);
  const labels = graph.input("labels", [batch]);
  const loss = jointLoss(output, labels, graph.input("weights", [batch]));
  graph.output("loss", loss);
  const trainables = [...parameters.tensors.values()].map((tensor) => ({ tensor }));
  adamW(graph, loss, trainables, ADAM);
  return { graph, parameters };
}

/** The graph that gives the logits [B] of the inputs of modeInputs. */
function buildScoring({ batch, depth, diseases }: Sizes): Graph {
  const graph = new Graph();
  const inputs = modeInputs(graph, batch, depth);
  graph.output("logits", buildModel(new Parameters(graph), inputs, diseases).logits);
  return graph;
}
