import type { Prediction } from "./answer.js";

/** A prediction as one line of JSON, with the keys that programs may rely on. */
export const predictionLine = ({
  nctId,
  phase,
  probability,
  interval,
  molecules,
  missing,
}: Prediction): string =>
  JSON.stringify({ nctId, phase, probability, interval, molecules, missing });
