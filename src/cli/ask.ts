import type { Prediction, Predictor } from "../serving/index.js";
import type { Trial } from "../trial/record.js";
import { progressView } from "./progress.js";

/** Trials predicted at once: few enough for the bar to move. */
const AT_ONCE = 32;

/** Predicts trials in their order, each as soon as it is there, with progress where there are many. */
export async function* ask(
  predictor: Predictor,
  trials: readonly Trial[],
  options: { readonly reasons: boolean },
): AsyncGenerator<Prediction> {
  const view = progressView();
  try {
    for (let done = 0; done < trials.length; done += AT_ONCE) {
      if (trials.length > AT_ONCE) view.report({ stage: "Predicting", done, total: trials.length });
      yield* await predictor.predict(trials.slice(done, done + AT_ONCE), options);
    }
  } finally {
    view.end();
  }
}
