import { InputError } from "../../base/error.js";
import type { SctTrial } from "../../sct/index.js";
import {
  applyTfIdf,
  fitLogisticRegression,
  fitTfIdf,
  probabilitiesOf,
} from "../../shallow/index.js";
import { type Ranker, successfulTrials } from "./ranker.js";

const TERMS = { analyzer: "word", ngrams: [1, 2], minTexts: 5, sublinear: true } as const;

/**
 * P(known success) of a trial among the successful ones by the words of its criteria: logistic regression
 * on TF-IDF, fitted on the known successes against the registry's others. No outcome of a labelled trial
 * is looked at, but how known successes were chosen is: what our own ranking of success must beat.
 */
export const knownSuccessTfIdf: Ranker = {
  name: "known-success-tf-idf",
  title: "TF-IDF, known successes against others",
  needs: "sct",
  readsStates: false,
  areProbabilities: false, // of success: to be known as one is another thing
  async rank(trials, context) {
    const sct = successfulTrials(context, trials);
    const predict = fitKnownSuccess(sct.map(({ features, known }) => ({ ...features, known })));
    return { scores: predict(trials.map(({ features }) => features.text)) };
  },
};

/**
 * @returns texts → P(known success)
 * @throws InputError if all successful trials are known successes, or none is
 */
export function fitKnownSuccess(
  sct: readonly Pick<SctTrial, "text" | "known">[],
): (texts: readonly string[]) => Float64Array {
  const texts = sct.map(({ text }) => text);
  const known = sct.map((trial) => Number(trial.known));
  if (new Set(known).size < 2)
    throw new InputError("known successes cannot be told from the registry's other trials", {
      remedy: "Give files of both: known successes, and studies with the approved drugs",
    });
  const terms = fitTfIdf(texts, TERMS);
  const model = fitLogisticRegression(applyTfIdf(terms, texts), known);
  return (some) => probabilitiesOf(model, applyTfIdf(terms, some));
}
