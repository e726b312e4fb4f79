import type { Graph, Numbers, Tensor } from "../graph/index.js";
import { predict } from "./cladmop.js";
import type { Adaptation, ModelConfig } from "./config.js";
import { type DiseaseTable, type TrialFeatures, tableSizes } from "./features.js";
import { type Grouped, groupFeeds, groupInputs } from "./grouper.js";
import { moleculeFeeds, moleculeInputs, type Room } from "./molecule-inputs.js";
import { Parameters } from "./parameters.js";

/** The head reads this many times the width: fused state, both sides of the pair, their product. */
export const HEAD_INPUTS = 4;

const FINE_TUNED: Readonly<Record<Adaptation, RegExp>> = {
  head: /^head\./,
  lora: /\.lora\.|^head\./,
  full: /^(?!.*\.lora\.)/, // LoRA stays at the zero that it starts from
};

/** Whether fine-tuning trains a parameter of the prediction. */
export const isFineTuned = (name: string, adapt: Adaptation): boolean =>
  FINE_TUNED[adapt].test(name);

/**
 * Builds the prediction from grouped tokens: logits [B] from the inputs that {@link rowFeeds} fills.
 * @param dropout whether the head's input is masked by the input "keep" [B, HEAD_INPUTS · d]
 */
export function buildPrediction(
  graph: Graph,
  config: ModelConfig,
  table: DiseaseTable,
  batch: number,
  room: Room,
  dropout: boolean,
): { parameters: Parameters; logits: Tensor } {
  const parameters = new Parameters(graph);
  const language = groupInputs(graph, config, batch);
  const keep = dropout ? graph.input("keep", [batch, HEAD_INPUTS * config.width]) : undefined;
  const shallow = config.shallow ? graph.input("shallow", [batch]) : undefined;
  const inputs = moleculeInputs(graph, batch, room);
  const sizes = tableSizes(table);
  return {
    parameters,
    logits: predict(parameters, config, sizes, language, inputs, {
      adapt: true,
      ...(shallow && { shallow }),
      ...(keep && { keep }),
    }),
  };
}

/** The feeds of a batch; missing rows of the last batch are empty. @param shallow logit of each row */
export function rowFeeds(
  config: ModelConfig,
  table: DiseaseTable,
  rows: readonly { readonly features: TrialFeatures; readonly grouped: Grouped }[],
  shallow: ArrayLike<number>,
  batch: number,
): Record<string, Numbers> {
  const feeds = groupFeeds(config, rows, batch);
  if (config.shallow) {
    const logits = new Float32Array(batch);
    logits.set(shallow);
    feeds.shallow = logits;
  }
  const features = rows.map((row) => row.features);
  return { ...feeds, ...moleculeFeeds(table, features, batch) };
}
