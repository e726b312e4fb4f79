import { InputError } from "../../base/error.js";
import type { Trial } from "../../trial/index.js";
import type { BaselineTrial, FitOptions, LabelledTrials } from "../baseline.js";
import type { LlmOptions, LlmReport } from "./llm.js";

/** A trial to rank, with its record as it was written down, which a prompted language model reads. */
export interface RankedTrial extends BaselineTrial {
  readonly trial: Trial;
}

/** A trial of the Successful Clinical Trials (see src/sct). */
export interface SuccessfulTrial extends BaselineTrial {
  /** Whether it is known to be successful, or only tests a drug that was approved. */
  readonly known: boolean;
}

/** What a ranker may look at beside the trials that it ranks. */
export interface RankContext extends FitOptions {
  /** None of them is ranked. */
  readonly successful: readonly SuccessfulTrial[];
  /** Labelled trials, where labels are allowed; none of them is ranked. */
  readonly training?: LabelledTrials | undefined;
  /** Folder of the frozen language model. */
  readonly encoder: string;
  /** Folder where answers that took long are kept. */
  readonly cache: string;
  /** The endpoint of a prompted language model, where the user gave one. */
  readonly llm?: LlmOptions | undefined;
}

export interface Ranking {
  /** One finite score a trial, in their order; the higher, the likelier a success. */
  readonly scores: Float64Array;
  /** What a prompted language model was asked and how it answered. */
  readonly llm?: LlmReport;
}

/** A method that ranks trials without being fitted; a trial's score does not depend on the others. */
export interface Ranker {
  /** As configuration files spell it, such as "criteria-length". */
  readonly name: string;
  /** As tables show it. */
  readonly title: string;
  /**
   * What it reads beside the trials and the encoder: labels of training trials (which is not zero-shot in
   * the strict sense), the successful trials, or a prompted language model.
   */
  readonly needs?: "labels" | "sct" | "llm";
  /** Whether it reads hidden states of trials; else they need not be encoded. */
  readonly readsStates: boolean;
  /** Whether scores are P(success); others only rank. */
  readonly areProbabilities: boolean;
  /**
   * @throws InputError if the context lacks what the ranker needs, Interrupted if the watcher stops it
   */
  rank(trials: readonly RankedTrial[], context: RankContext): Promise<Ranking>;
}

/** A score a trial from a function of the trial alone. */
export const scoreEach = <T extends BaselineTrial>(
  trials: readonly T[],
  score: (trial: T) => number,
): Ranking => ({ scores: Float64Array.from(trials, score) });

/** The labelled trials of a context. @throws InputError if labels are not allowed */
export function labelledTrials({ training }: RankContext, { name }: Ranker): LabelledTrials {
  if (training) return training;
  throw new InputError(`${name} looks up outcomes of labelled trials, and there are none`, {
    remedy: "Give training trials, or leave this method out",
  });
}

/**
 * The successful trials of a context.
 * @throws InputError if there are none, or one of them is to be ranked, which would tell its outcome
 */
export function successfulTrials(
  { successful }: RankContext,
  ranked: readonly BaselineTrial[],
): readonly SuccessfulTrial[] {
  if (successful.length === 0)
    throw new InputError("there are no successful trials to compare with", {
      remedy: "Give files of successful trials",
    });
  const ids = new Set(successful.map(({ features }) => features.nctId));
  const seen = ranked.find(({ features }) => ids.has(features.nctId));
  if (seen)
    throw new InputError(`${seen.features.nctId} is to be ranked and counts as successful`, {
      field: "nctid",
      remedy: "Exclude the ranked trials from the successful ones",
    });
  return successful;
}
