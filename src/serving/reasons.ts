import type { Encoder, HiddenStates } from "../language/index.js";
import type { TrialFeatures } from "../model/index.js";
import type { Trial } from "../trial/index.js";

/** Something in a trial that moves its probability. */
export interface Reason {
  readonly text: string;
  /** P(success) with it minus P(success) without it, in percentage points. */
  readonly effect: number;
}

/** A trial as the model is asked about it: whole, or with one thing deleted. */
export interface Variant {
  readonly features: TrialFeatures;
  readonly states: HiddenStates;
}

/** Reasons shown at most. */
const STRONGEST = 3;

/**
 * The trial without one statement of its criteria, one molecule or all of its diseases, one after
 * the other. Deleting a statement takes its n-grams from the shallow level and its hidden states
 * from the language branch; the states of what follows it are left as they were read.
 */
export function variantsOf(
  trial: Trial,
  features: TrialFeatures,
  states: HiddenStates,
  encoder: Encoder,
): { text: string; variant: Variant }[] {
  const lines = features.text.split("\n");
  const starts = lines.map((_, i) =>
    i === 0 ? 0 : encoder.countTokens(`${lines.slice(0, i).join("\n")}\n`),
  );
  const statements = lines.flatMap((line, i) => {
    // A heading alone says nothing; deleting it would only move statements between the parts.
    if (lines.length === 1 || line.trimEnd().endsWith(":")) return [];
    const text = lines.toSpliced(i, 1).join("\n");
    const end = starts[i + 1] ?? states.tokens;
    return {
      text: line.trim().replace(/^- /, ""),
      variant: {
        features: { ...features, text },
        states: without(states, starts[i]!, end),
      },
    };
  });
  const molecules = features.molecules.map(({ name }, i) => ({
    text: `drug: ${name}`,
    variant: {
      features: {
        ...features,
        molecules: features.molecules.toSpliced(i, 1),
        vectors: features.vectors.toSpliced(i, 1),
      },
      states,
    },
  }));
  const diseases =
    features.diseases.length > 0
      ? [
          {
            text: `disease: ${trial.conditions.join(", ")}`,
            variant: { features: { ...features, diseases: [] }, states },
          },
        ]
      : [];
  return [...statements, ...molecules, ...diseases];
}

/** The strongest first. */
export const strongest = (effects: readonly Reason[]): Reason[] =>
  effects.toSorted((a, b) => Math.abs(b.effect) - Math.abs(a.effect)).slice(0, STRONGEST);

/** States without those of the tokens from `start` to before `end`; the first token always stays. */
function without(states: HiddenStates, start: number, end: number): HiddenStates {
  const { width } = states;
  const [from, to] = [Math.max(1, start), Math.max(1, end)];
  const levels = states.levels.map((level) => {
    const kept = new Uint16Array(level.length - (to - from) * width);
    kept.set(level.subarray(0, from * width));
    kept.set(level.subarray(to * width), from * width);
    return kept;
  });
  return { tokens: states.tokens - (to - from), width, levels };
}
