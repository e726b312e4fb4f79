/**
 * The figures of MEXA-CTP: defaults of the authors' repository (main.py of
 * github.com/murai-lab/MEXA-CTP), except for what is marked as ours.
 */
export const SETTINGS = {
  /** Ours: 8 there, too narrow to learn an interaction in so few steps once all layers are trained. */
  width: 32,
  heads: 2,
  /** Attention layers of each mode, of each expert, and over the tokens of all experts. */
  layers: 2,
  /** Tokens of a smaller probability are not selected. */
  threshold: 0.3,
  /** ε of the Cauchy loss. */
  epsilon: 0.25,
  /** τ of the contrastive loss. */
  temperature: 0.2,
  /** Weights of these losses beside the cross-entropy: ρ₁ and ρ₂. */
  cauchyWeight: 0.05,
  contrastiveWeight: 0.01,
  batch: 64,
  weightDecay: 0.01,
  /** Ours: at the 0.05 there the probabilities of all routers fall to zero once they are trained. */
  learningRate: 1e-3,
  /** Ours: 100 there, of which the best on test is kept. */
  epochs: 20,
  leastSteps: 20,
  /** Ours: epochs without a better log loss on validation before stopping. */
  patience: 5,
} as const;
