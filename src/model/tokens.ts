import { rearrange, reshape, type Tensor } from "../graph/index.js";

/** Added to the scores of places without a token. */
export const PADDING = -1e9;

/** Where the tokens of a batch of sequences are, of which each has `length` places. */
export interface Places {
  readonly batch: number;
  readonly length: number;
  /** Without it every place has a token, in their order. */
  readonly packing?: {
    /** int32 [B · L]: the token of each place, or R where it is empty. */
    readonly tokens: Tensor;
    /** int32 [R]: the place of each token, or B · L for a token that is nowhere. */
    readonly places: Tensor;
  };
}

/**
 * The tokens of a batch of sequences, one row each: [R, d]. Most trials have a few drugs and diseases, some
 * have many: layers that read each token by itself need no row for an empty place.
 */
export interface Tokens {
  readonly rows: Tensor;
  readonly places: Places;
}

/** Sequences without an empty place: [B, N, d]. */
export function wholeSequences(x: Tensor): Tokens {
  const [batch, length, width] = x.shape as [number, number, number];
  return { rows: reshape(x, [batch * length, width]), places: { batch, length } };
}

/** Tokens [R, d] in their places, zeros in the empty ones: [B, L, d]. */
export function placed({ rows, places: { batch, length, packing } }: Tokens): Tensor {
  const all = packing ? rearrange(rows, packing.tokens, packing.places) : rows;
  return reshape(all, [batch, length, rows.shape[1]!]);
}

/** What stands in the places of tokens, [B, L, d] → [R, d]. */
export function taken(x: Tensor, { batch, length, packing }: Places): Tensor {
  const all = reshape(x, [batch * length, x.shape[2]!]);
  return packing ? rearrange(all, packing.places, packing.tokens) : all;
}
