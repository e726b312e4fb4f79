export const PHASES = ["early 1", "1", "1/2", "2", "2/3", "3", "4", "not applicable"] as const;
export type Phase = (typeof PHASES)[number];

/** One thing given or done to the participants. */
export interface Intervention {
  /** The type as ClinicalTrials.gov's API v2 spells it, e.g. "DRUG", "BIOLOGICAL". */
  readonly type: string;
  readonly name: string;
  readonly otherNames: readonly string[];
}

/** What is known before a trial starts. The model sees this and nothing else. */
export interface Trial {
  readonly nctId: string;
  readonly phase: Phase;
  readonly conditions: readonly string[];
  /** Codes per condition, as the source gives them; empty if it gives none. */
  readonly icd10: readonly (readonly string[])[];
  readonly interventions: readonly Intervention[];
  /** TOP's `smiless` column, often wrong: a reported last resort. Empty elsewhere. */
  readonly givenSmiles: readonly string[];
  readonly eligibilityCriteria: string;
}

/** What became of a trial: for labels and for splitting by date, never for the model. */
export interface Outcome {
  readonly label?: 0 | 1;
  /** Of a trial of a built SCT (see src/sct): known to be successful, or of an approved drug. */
  readonly knownSuccess?: boolean;
  readonly status?: string;
  readonly whyStopped?: string;
  readonly startDate?: string;
  readonly completionDate?: string;
}

export interface TrialRecord {
  readonly trial: Trial;
  /** For the reader, where the source has one; the model never sees it. */
  readonly title?: string;
  readonly outcome: Outcome;
  readonly source: { file: string; row: number };
}
