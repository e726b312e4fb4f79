import { join } from "node:path";
import { InputError } from "../../base/error.js";
import { sha256 } from "../../base/file.js";
import { Journal } from "../../base/journal.js";
import { Interrupted } from "../../base/watcher.js";
import { loadLikelihood } from "../../language/index.js";
import type { Ranker } from "./ranker.js";

/**
 * Usual criteria first: minus the language model's mean loss on them, the logarithm of its perplexity.
 * Texts that it was trained on look more usual to it than others: score only trials kept from it beside
 * one another. Each text's loss is kept in the cache's folder, so that a stopped run goes on where it was.
 */
export const perplexity: Ranker = {
  name: "perplexity",
  title: "perplexity of the criteria",
  readsStates: false,
  areProbabilities: false,
  async rank(trials, { encoder, processor, watcher, cache }) {
    const scorer = loadLikelihood(encoder, processor);
    const known = new Journal<number>(join(cache, "perplexity.ndjson"));
    const scores = new Float64Array(trials.length);
    try {
      for (const [i, { features }] of trials.entries()) {
        watcher.report({ stage: "Scoring eligibility criteria", done: i, total: trials.length });
        if (watcher.stopping()) throw new Interrupted(cache, "by running the command again");
        if (features.text === "")
          throw new InputError(`${features.nctId} has no eligibility criteria`, {
            field: "criteria",
            remedy: "Give them, or leave the trial out",
          });
        const key = sha256(`${scorer.hash}\n${features.text}`);
        const loss = known.get(key) ?? (await scorer.meanLoss(features.text));
        if (known.get(key) === undefined) known.put(key, loss);
        scores[i] = -loss;
      }
    } finally {
      await scorer.release();
    }
    return { scores };
  },
};
