/**
 * The figures of MEXA-CTP. Those of selection and losses, heads, layers and the batch are the
 * defaults of the authors' repository (main.py of github.com/murai-lab/MEXA-CTP); the others are ours,
 * see below.
 */
export const SETTINGS = {
  /** 8 in the repository, whose inputs have 15 to 768 numbers; ours have up to some thousands. */
  width: 32,
  heads: 2,
  /** Attention layers of each mode, of each expert, and over all experts' tokens. */
  layers: 2,
  /** Tokens of a smaller probability are not selected. */
  threshold: 0.3,
  /** ε of the Cauchy loss. */
  epsilon: 0.25,
  /** τ of the contrastive loss. */
  temperature: 0.2,
  /** Weights of the two losses beside the cross-entropy: ρ₁ and ρ₂ of the repository. */
  cauchyWeight: 0.05,
  contrastiveWeight: 0.01,
  batch: 64,
  epochs: 20,
  /** The repository's 0.05 is for layers that were never trained; trained, they diverge there. */
  learningRate: 1e-3,
  weightDecay: 0.01,
  /** Epochs without a better log loss on validation before stopping. */
  patience: 5,
} as const;
