import { fromFloat16 } from "../base/float16.js";
import type { HiddenStates } from "../language/index.js";
import type { ShallowInput } from "../shallow/index.js";
import type { Phase } from "../trial/index.js";
import type { TrialFeatures } from "./features.js";
import type { Grouped } from "./grouper.js";
import type { Match } from "./matcher.js";

/** A trial as the shallow level sees it: hidden states and grouped tokens by their means. */
export const shallowInput = (
  { text, phase, diseases }: TrialFeatures,
  hidden: HiddenStates,
  grouped: Grouped,
  width: number,
  { success }: Pick<Match, "success">,
): ShallowInput => ({
  text,
  diseases: [...diseases, phaseToken(phase)],
  states: meanStates(hidden),
  groups: groupMeans(grouped, width),
  success,
});

/** The mean grouped token of each level, one after the other: [levels · d]. */
export const groupMeans = (grouped: Grouped, width: number): Float32Array =>
  meansOf(grouped, width);

/** A phase as one of the tokens beside the diseases': outcomes of several phases have several base rates. */
export const phaseToken = (phase: Phase): string => `phase:${phase}`;

/** The mean hidden state of each level, one after the other: [levels · D]. */
export const meanStates = ({ levels, width }: HiddenStates): Float32Array =>
  meansOf(levels.map(fromFloat16), width);

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
