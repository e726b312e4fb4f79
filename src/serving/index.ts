// Serving: a fine-tuned model as a function from trials to probabilities with intervals and reasons.

export { predictionLine } from "./line.js";
export {
  jackknifeError,
  loadPredictor,
  type Prediction,
  type Predictor,
  SHIPPED_MODEL,
} from "./predictor.js";
export type { Reason } from "./reasons.js";
export { SeenCounter } from "./seen.js";
