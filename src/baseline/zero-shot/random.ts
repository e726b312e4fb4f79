import { Random } from "../../base/random.js";
import { type Ranker, scoreEach } from "./ranker.js";

/** Chance: a uniform number for each trial, a function of the seed and the trial's NCT id. */
export const random: Ranker = {
  name: "random",
  title: "random",
  readsStates: false,
  areProbabilities: false,
  rank: async (trials, { seed }) =>
    scoreEach(trials, ({ features }) =>
      new Random(seed, "random ranker", features.nctId).uniform(),
    ),
};
