import {
  add,
  atLeast,
  concat,
  divide,
  type Graph,
  gather,
  largest,
  multiply,
  relu,
  reshape,
  scale,
  shift,
  sigmoid,
  sum,
  type Tensor,
} from "../../graph/index.js";
import {
  attention,
  dense,
  norm,
  PADDING,
  type Parameters,
  wholeSequences,
} from "../../model/index.js";
import { type Mode, type ModeInputs, modes } from "./inputs.js";
import { SETTINGS } from "./settings.js";

const { width, heads, layers, threshold } = SETTINGS;

/**
 * The mode experts: each reads the tokens of one mode in the light of another. Two neighbours are
 * the two directions of one interaction, see contrastiveLoss.
 */
const EXPERTS: readonly (readonly [own: Mode, other: Mode])[] = [
  ["molecules", "diseases"],
  ["diseases", "molecules"],
  ["molecules", "criteria"],
  ["criteria", "molecules"],
  ["diseases", "criteria"],
  ["criteria", "diseases"],
];

/** Tokens [B, N, d] with flags [B, N]: 1 where a token counts. */
export interface Tokens {
  readonly states: Tensor;
  readonly present: Tensor;
}

/** What an expert makes of the tokens of its mode. */
export interface Expert {
  /** Probability [B, N] of each token to matter to the interaction, and the flags of its mode. */
  readonly probability: Tensor;
  readonly present: Tensor;
  /** Its tokens; the selected ones count. */
  readonly output: Tokens;
}

export interface Output {
  /** [B] */
  readonly logits: Tensor;
  /** In the order of {@link EXPERTS}. */
  readonly experts: readonly Expert[];
}

/**
 * The model of MEXA-CTP (Zhang et al. 2025, arXiv 2501.06823). Of the paper its abstract was at hand;
 * the architecture is read off models_nlayers.py of its authors' repository, which declares the
 * attention layers and routers of modes and experts without ever training them. Here they all are.
 *
 * 1. The tokens of each mode are projected to one width, get positions and attend to one another.
 * 2. For each expert a router gives each token of its mode the probability p to matter to the other
 *    mode; p · token then attends to all tokens of that mode.
 * 3. Selected tokens of all experts attend to one another; their mean gives the logit.
 *
 * Ours: what the tokens are (fingerprints and descriptors for an embedding of SMILES, a learned table
 * of the ICD-10 hierarchy for node2vec, standardised stretches of the text for sentences, so that
 * inclusion and exclusion share their routers), a mean for the sum over tokens (of up to 160 here, 36
 * there), and no dropout (0.005 there).
 */
export function buildModel(parameters: Parameters, inputs: ModeInputs, diseases: number): Output {
  const table = parameters.get("diseases.weight", [diseases, width], { deviation: 1 });
  const projected = (mode: "molecules" | "criteria") =>
    residualProjection(parameters, mode, inputs[mode], width);
  const tokens: Readonly<Record<Mode, Tokens>> = {
    molecules: { states: projected("molecules"), present: inputs.present.molecules },
    diseases: { states: gather(table, inputs.diseases), present: inputs.present.diseases },
    criteria: { states: projected("criteria"), present: inputs.present.criteria },
  };
  const known = Object.fromEntries(
    modes.map((mode) => [mode, withSelfAttention(parameters, mode, tokens[mode])]),
  ) as Record<Mode, Tokens>;
  const experts = EXPERTS.map(([own, other]) =>
    modeExpert(parameters, `${own} to ${other}`, known[own], known[other]),
  );
  const selected = experts.map(({ output }) => output);
  const all = withSelfAttention(parameters, "all", {
    states: concat(
      selected.map(({ states }) => states),
      1,
    ),
    present: concat(
      selected.map(({ present }) => present),
      1,
    ),
  });
  const logits = residualProjection(parameters, "head", meanOf(all), 1);
  return { logits: reshape(logits, [logits.shape[0]!]), experts };
}

/** Positions, then layers in which the tokens attend to one another. */
function withSelfAttention(parameters: Parameters, name: string, tokens: Tokens): Tokens {
  const places = positions(parameters.graph, tokens.states.shape[1]!);
  let states = add(tokens.states, places);
  for (let layer = 0; layer < layers; layer++)
    states = attentionLayer(parameters, `${name}.${layer}`, states, { ...tokens, states });
  return { ...tokens, states };
}

/** One expert: selects tokens of its own mode and reads them with those of the other. */
export function modeExpert(
  parameters: Parameters,
  name: string,
  own: Tokens,
  other: Tokens,
): Expert {
  const { states, present } = own;
  const router = residualProjection(parameters, `${name}.router`, states, 1);
  const probability = reshape(sigmoid(router), present.shape);
  let queries = multiply(states, reshape(probability, [...present.shape, 1]));
  for (let layer = 0; layer < layers; layer++)
    queries = attentionLayer(parameters, `${name}.${layer}`, queries, other);
  return {
    probability,
    present,
    output: { states: queries, present: select(probability, present) },
  };
}

/**
 * Token selection: 1 where a token is present and its probability reaches the threshold or is the
 * highest of its mode. p [B, N] → [B, N]. No gradient: the router learns through p · token.
 *
 * The second condition is ours: the Cauchy loss at its published weight drives all probabilities
 * below the threshold, on phase I within a few epochs, and attention to nothing is NaN in the
 * repository, whose routers never move.
 */
export function select(p: Tensor, present: Tensor): Tensor {
  const reaches = atLeast(p, p.graph.scalar(threshold));
  const highest = atLeast(p, largest(multiply(p, present)));
  return multiply(present, atLeast(add(reaches, highest), p.graph.scalar(1)));
}

/** Mean over the tokens that count: [B, d]. */
export function meanOf({ states, present }: Tokens): Tensor {
  const [batch, count] = present.shape as [number, number];
  const weights = reshape(divide(present, sum(present, [1], true)), [batch, count, 1]);
  return sum(multiply(states, weights), [1]);
}

/** Attention to the tokens of `context`, then a feed-forward layer of half the width, each normalised after. */
function attentionLayer(parameters: Parameters, name: string, x: Tensor, context: Tokens): Tensor {
  const [batch, count] = context.present.shape as [number, number];
  const mask = reshape(scale(shift(context.present, -1), -PADDING), [batch, 1, 1, count]);
  const [queries, keys] = [wholeSequences(x), wholeSequences(context.states)];
  const mixed = attention(parameters, `${name}.attention`, queries, keys, { heads, mask });
  const attended = norm(parameters, `${name}.norm1`, add(x, reshape(mixed, x.shape)));
  const inner = relu(dense(parameters, `${name}.inner`, attended, width / 2));
  const outer = dense(parameters, `${name}.outer`, inner, width);
  return norm(parameters, `${name}.norm2`, add(attended, outer));
}

/** W₂ relu(W₁ x) + W x on [..., in] → [..., out]; W₁ is as wide as tokens, or halfway to the output. */
function residualProjection(parameters: Parameters, name: string, x: Tensor, out: number): Tensor {
  const hidden = out === width ? width : Math.ceil((width + out) / 2);
  const inner = relu(dense(parameters, `${name}.inner`, x, hidden));
  return add(
    dense(parameters, `${name}.outer`, inner, out),
    dense(parameters, `${name}.shortcut`, x, out),
  );
}

/** Sine and cosine of each position at falling frequencies (Vaswani et al. 2017, section 3.5): [N, d]. */
function positions(graph: Graph, count: number): Tensor {
  const values = Float32Array.from({ length: count * width }, (_, i) => {
    const [position, column] = [Math.floor(i / width), i % width];
    const angle = position * 10000 ** -((column - (column % 2)) / width);
    return column % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
  return graph.constant(values, [count, width]);
}
