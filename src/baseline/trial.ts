import type { HiddenStates } from "../language/index.js";
import { meanStates, partsOf, type TrialFeatures } from "../model/index.js";
import { type BaselineTrial, SEGMENTS } from "./baseline.js";

/** A trial with its hidden states, as the baselines read it. */
export function baselineTrial(features: TrialFeatures, states: HiddenStates): BaselineTrial {
  const last = { ...states, levels: states.levels.slice(-1) };
  return {
    features,
    states: meanStates(states),
    segments: partsOf(last, Math.ceil(states.tokens / SEGMENTS)).map(meanStates),
  };
}

/** A trial as methods read it that read no hidden states. */
export class UnencodedTrial implements BaselineTrial {
  constructor(readonly features: TrialFeatures) {}

  get states(): never {
    throw new Error("a method reads hidden states that it does not declare");
  }

  get segments(): never {
    return this.states;
  }
}
