import { float16Values } from "../base/float16.js";
import type { HiddenStates } from "../language/index.js";
import type { ShallowInput } from "../shallow/index.js";
import type { TrialFeatures } from "./features.js";
import type { Grouped } from "./grouper.js";
import type { Match } from "./matcher.js";

/**
 * A trial as the shallow level sees it: hidden states and grouped tokens by their means.
 * @param states what {@link meanStates} gives
 */
export const shallowInput = (
  { text, phase, diseases }: Pick<TrialFeatures, "text" | "phase" | "diseases">,
  states: Float32Array,
  grouped: Grouped,
  width: number,
  { success }: Pick<Match, "success">,
): ShallowInput => ({
  text,
  // Outcomes of several phases have several base rates.
  diseases: [...diseases, `phase:${phase}`],
  states,
  groups: meansOf(grouped, width),
  success,
});

/** The mean hidden state of each level, one after the other: [levels · D]. */
export function meanStates({ levels, width }: HiddenStates): Float32Array {
  const float = float16Values();
  const means = new Float32Array(levels.length * width);
  levels.forEach((bits, level) => {
    const own = means.subarray(level * width, (level + 1) * width);
    const share = width / bits.length;
    // Looked up where it is added: values of their own would take longer than the sum.
    for (let start = 0; start < bits.length; start += width)
      for (let i = 0; i < width; i++) own[i]! += share * float[bits[start + i]!]!;
  });
  return means;
}

/** Levels of vectors [N, width] → the mean vector of each, one after the other: [levels · width]. */
function meansOf(levels: readonly Float32Array[], width: number): Float32Array {
  const means = new Float32Array(levels.length * width);
  levels.forEach((values, level) => {
    const own = means.subarray(level * width, (level + 1) * width);
    const share = width / values.length;
    for (let i = 0; i < values.length; i++) own[i % width]! += share * values[i]!;
  });
  return means;
}
