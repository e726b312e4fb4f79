import { positivesOfBoth } from "../base/labels.js";
import { type DiseaseTable, diseaseTable, type Parameters } from "../model/index.js";
import type { Baseline, BaselineTrial } from "./baseline.js";
import { modeFeeds, modeInputs } from "./mexa-ctp/inputs.js";
import { jointLoss } from "./mexa-ctp/losses.js";
import { buildModel } from "./mexa-ctp/model.js";
import { SETTINGS } from "./mexa-ctp/settings.js";
import { fitNetwork, type Network } from "./network.js";

/**
 * MEXA-CTP, re-implemented (see mexa-ctp/model.ts): all of its parameters are trained, and training
 * stops by validation trials instead of test. Without any the last step's parameters are kept.
 */
export const mexaCtp: Baseline = {
  name: "mexa-ctp",
  title: "MEXA-CTP",
  readsStates: true,
  areProbabilities: true,
  async fit({ trials, labels }, validation, options) {
    positivesOfBoth(labels);
    const network = mexaNetwork({
      batch: Math.min(SETTINGS.batch, trials.length),
      depth: trials[0]!.segments[0]!.length,
      table: diseaseTable(trials.map(({ features }) => features)),
    });
    return fitNetwork(
      network,
      { rows: trials, labels },
      validation && { rows: validation.trials, labels: validation.labels },
      options,
    );
  },
};

/** @param depth width of the hidden states */
export function mexaNetwork({
  batch,
  depth,
  table,
}: {
  readonly batch: number;
  readonly depth: number;
  readonly table: DiseaseTable;
}): Network<BaselineTrial> {
  const build = (parameters: Parameters) =>
    buildModel(parameters, modeInputs(parameters.graph, batch, depth), table.size + 1);
  return {
    ...SETTINGS,
    stage: "Fitting MEXA-CTP",
    batch,
    logits: (parameters) => build(parameters).logits,
    loss: (parameters, labels, weights) => jointLoss(build(parameters), labels, weights),
    feeds: (rows) => modeFeeds(table, rows, batch, depth),
    stepFeeds: () => ({}),
  };
}
