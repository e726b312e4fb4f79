import { positivesOfBoth } from "../base/labels.js";
import { Random } from "../base/random.js";
import {
  binaryCrossEntropy,
  linear,
  multiply,
  relu,
  reshape,
  type Tensor,
} from "../graph/index.js";
import type { Parameters } from "../model/index.js";
import { dropoutMask } from "../training/dropout.js";
import type { Baseline, BaselineTrial } from "./baseline.js";
import { fitFeatures, fitStandardisation, rowOf } from "./features.js";
import { fitNetwork, type Network } from "./network.js";

const BATCH = 64;
const HIDDEN = [256, 128, 64];
const DROPOUT = 0.5;
/** Standardised values are cut here: a substructure of one molecule in a thousand is 30 of its deviations. */
const LARGEST = 5;

/** Feed-forward network of three hidden layers on the feature vectors, standardised. */
export const ffnn: Baseline = {
  name: "ffnn",
  title: "FFNN",
  readsStates: true,
  areProbabilities: true,
  async fit({ trials, labels }, validation, options) {
    positivesOfBoth(labels);
    const features = fitFeatures(trials);
    const raw = features.rowsOf(trials);
    const standardise = fitStandardisation(raw);
    const rowsOf = (some: readonly BaselineTrial[]) => {
      const { x, rows, columns } = standardise(features.rowsOf(some));
      const cut = x.map((value) => Math.max(-LARGEST, Math.min(LARGEST, value)));
      return Array.from({ length: rows }, (_, row) => rowOf({ x: cut, rows, columns }, row));
    };
    const predict = await fitNetwork(
      networkOf(raw.columns, options.seed),
      { rows: rowsOf(trials), labels },
      validation && { rows: rowsOf(validation.trials), labels: validation.labels },
      options,
    );
    return (some) => predict(rowsOf(some));
  },
};

function networkOf(columns: number, seed: number): Network<Float32Array> {
  return {
    stage: "Fitting a feed-forward network",
    batch: BATCH,
    epochs: 30,
    leastSteps: 200,
    patience: 5,
    learningRate: 1e-3,
    weightDecay: 0.01,
    logits: (parameters) => logitsOf(parameters, columns, []),
    loss(parameters, labels, weights) {
      const keep = HIDDEN.map((width, i) => parameters.graph.input(`keep${i}`, [BATCH, width]));
      return binaryCrossEntropy(logitsOf(parameters, columns, keep), labels, weights);
    },
    feeds(rows) {
      const x = new Float32Array(BATCH * columns);
      rows.forEach((row, i) => {
        x.set(row, i * columns);
      });
      return { x };
    },
    stepFeeds: (step) =>
      Object.fromEntries(
        HIDDEN.map((width, i) => [
          `keep${i}`,
          dropoutMask(BATCH * width, DROPOUT, new Random(seed, "FFNN dropout", i, step)),
        ]),
      ),
  };
}

/** @param keep a mask of dropout for each hidden layer; none when scoring */
function logitsOf(parameters: Parameters, columns: number, keep: readonly Tensor[]): Tensor {
  let x = parameters.graph.input("x", [BATCH, columns]);
  for (const [i, width] of HIDDEN.entries()) {
    const input = x.shape[1]!;
    // He et al. 2015, eq. 10: ReLU halves the variance.
    const weight = parameters.get(`${i}.weight`, [width, input], { deviation: (2 / input) ** 0.5 });
    const hidden = relu(linear(x, weight, parameters.get(`${i}.bias`, [width], { value: 0 })));
    const mask = keep[i];
    x = mask ? multiply(hidden, mask) : hidden;
  }
  const weight = parameters.get("output.weight", [1, x.shape[1]!], { value: 0 });
  const logits = linear(x, weight, parameters.get("output.bias", [1], { value: 0 }));
  return reshape(logits, [BATCH]);
}
