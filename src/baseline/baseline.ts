import type { Labels } from "../base/labels.js";
import type { Watcher } from "../base/watcher.js";
import type { Processor } from "../graph/index.js";
import type { TrialFeatures } from "../model/index.js";

/** A trial as the baselines read it: what CLaDMoP reads, and nothing else. */
export interface BaselineTrial {
  readonly features: TrialFeatures;
  /** Mean hidden state of each level of the encoder, one after the other: [levels · D]. */
  readonly states: Float32Array;
  /**
   * The criteria as few tokens: mean hidden states of the last level over consecutive stretches of
   * equal length, at least one and at most {@link SEGMENTS}: each [D].
   */
  readonly segments: readonly Float32Array[];
}

/** Stretches that a text is divided into at most. */
export const SEGMENTS = 32;

export interface LabelledTrials {
  readonly trials: readonly BaselineTrial[];
  readonly labels: Labels;
}

export interface FitOptions {
  /**
   * Trials whose labels are not looked at, the training trials among them: a method learns from them what
   * it learns of a vocabulary or of the middle and width of embeddings, else from the training trials.
   */
  readonly pool?: readonly BaselineTrial[] | undefined;
  /** Decides every random draw. */
  readonly seed: number;
  /** What to compute on. */
  readonly processor: Processor;
  readonly watcher: Watcher;
}

/** P(success) of each trial; of a method that only ranks, any finite score. */
export type Scorer = (trials: readonly BaselineTrial[]) => Promise<Float64Array>;

/** A method that learns from labelled trials. */
export interface Baseline {
  /** As configuration files spell it, such as "random-forest". */
  readonly name: string;
  /** As tables show it, such as "RF". */
  readonly title: string;
  /** Whether it reads hidden states of trials; else they need not be encoded. */
  readonly readsStates: boolean;
  /** Whether scores are P(success); others only rank. */
  readonly areProbabilities: boolean;
  /**
   * Fits on the training trials; stopping and whatever else is chosen comes from the validation trials.
   * Few-shot experiments fit on as few as one trial of either outcome, without validation trials.
   * @throws InputError if the trials cannot be fitted, Interrupted if the watcher stops it
   */
  fit(
    training: LabelledTrials,
    validation: LabelledTrials | undefined,
    options: FitOptions,
  ): Promise<Scorer>;
}
