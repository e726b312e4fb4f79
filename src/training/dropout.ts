import type { Random } from "../base/random.js";

/** Inverted dropout: each entry is 0 with probability `share`, else 1 / (1 − share). */
export function dropoutMask(size: number, share: number, random: Random): Float32Array {
  const kept = 1 / (1 - share);
  return Float32Array.from({ length: size }, () => (random.uniform() < share ? 0 : kept));
}
