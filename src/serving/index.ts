// Serving: a fine-tuned model as a function from trials to probabilities with intervals and reasons.

export type { Attribution, Explanation, Prediction } from "./answer.js";
export { predictionLine } from "./line.js";
export {
  jackknifeError,
  loadPredictor,
  type Predictor,
  SHIPPED_MODEL,
} from "./predictor.js";

export { SeenCounter } from "./seen.js";
