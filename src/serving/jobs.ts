import { Interrupted } from "../base/watcher.js";
import { localPath, type OpenJobs, verifyFiles } from "../jobs/index.js";
import type { Trial } from "../trial/index.js";
import { predictionLine } from "./line.js";
import { loadPredictor } from "./predictor.js";

/** What the jobs of a batch prediction share. Paths are shared ones. */
export interface Batch {
  readonly model: string;
  readonly drugs: string;
  /** Files that are read → SHA-256. */
  readonly files: Readonly<Record<string, string>>;
}

/** Trials between two looks whether to stop. */
const AT_ONCE = 32;

/** Predicts lots of trials: to a line of JSON each. */
export const open: OpenJobs<Batch, readonly Trial[], string> = async (
  batch,
  processor,
  watcher,
) => {
  verifyFiles(batch.files);
  const predictor = await loadPredictor(localPath(batch.model), {
    ...processor,
    drugs: localPath(batch.drugs),
  });
  return async (trials) => {
    let lines = "";
    for (let done = 0; done < trials.length; done += AT_ONCE) {
      if (watcher.stopping()) throw new Interrupted("the batch", "by running the command again");
      watcher.report({ stage: "trial", done, total: trials.length });
      const lot = trials.slice(done, done + AT_ONCE);
      const predictions = await predictor.predict(lot);
      lines += predictions.map((one) => `${predictionLine(one)}\n`).join("");
    }
    return lines;
  };
};
