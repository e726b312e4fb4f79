import { layout } from "../../trial/index.js";
import { type Ranker, scoreEach } from "./ranker.js";

/**
 * Shorter criteria first: minus the number of words. Each further criterion narrows who can take part,
 * and protocols with more of them recruit more slowly and keep fewer participants (Getz et al. 2008,
 * Am J Ther 15:450-457). The direction was set by that, before any label was looked at.
 */
export const criteriaLength: Ranker = {
  name: "criteria-length",
  title: "shorter criteria",
  readsStates: false,
  areProbabilities: false,
  rank: async (trials) => scoreEach(trials, ({ features }) => -layout(features.text).words),
};
