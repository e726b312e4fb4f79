import type { Explanation, Prediction, Predictor } from "../serving/index.js";
import type { Trial } from "../trial/record.js";
import { progressView } from "./progress.js";

/** Trials predicted at once: few enough for the bar to move. */
const AT_ONCE = 32;

/** Predicts trials in their order, each as soon as it is there, with progress where there are many. */
export const ask = (predictor: Predictor, trials: readonly Trial[]): AsyncGenerator<Prediction> =>
  inLots("Predicting", trials, (lot) => predictor.predict(lot));

/** Explains trials, as {@link ask} predicts them. */
export const askWhy = (
  predictor: Predictor,
  trials: readonly Trial[],
): AsyncGenerator<Explanation> =>
  inLots("Explaining", trials, async (lot) => {
    const explanations: Explanation[] = [];
    for (const trial of lot) explanations.push(await predictor.explain(trial));
    return explanations;
  });

async function* inLots<Answer>(
  stage: string,
  trials: readonly Trial[],
  answer: (lot: readonly Trial[]) => Promise<Answer[]>,
): AsyncGenerator<Answer> {
  const view = progressView();
  try {
    for (let done = 0; done < trials.length; done += AT_ONCE) {
      if (trials.length > AT_ONCE) view.report({ stage, done, total: trials.length });
      yield* await answer(trials.slice(done, done + AT_ONCE));
    }
  } finally {
    view.end();
  }
}
