/**
 * How much a finding weighs. A leak makes figures untrue whatever method is used: the audit fails. A
 * warning leaks only if the data is used in a certain way (files pooled, a column read as a feature),
 * or says that a figure means less than it seems. A note is what a reader should know.
 */
export const SEVERITIES = ["leak", "warning", "note"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** One thing that a check has found. */
export interface Finding {
  /** Name of the check, such as "shared-trials". */
  readonly check: string;
  readonly severity: Severity;
  /** The data set or run that it was found in, such as "phase I". */
  readonly subject: string;
  /** What was found, with counts. */
  readonly found: string;
  /** At most three: NCT ids, cells of a benchmark, or bad rows. */
  readonly examples: readonly string[];
  /** Why it matters, in one sentence. */
  readonly why: string;
  /** What to do, in one imperative sentence. */
  readonly remedy: string;
}

/** The first examples of a list, each once. */
export const examplesOf = (items: Iterable<string>): string[] => [...new Set(items)].slice(0, 3);

/** "1 trial", "32 trials". */
export const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? "" : "s"}`;

/** "24 of 61 trials (39 %)". */
export const shareOf = (part: number, whole: number, noun: string): string =>
  `${part} of ${counted(whole, noun)} (${whole === 0 ? 0 : Math.round((100 * part) / whole)} %)`;

/** A figure of merit or a share to three places: ".553". */
export const figure = (value: number): string => value.toFixed(3).replace(/^0/, "");
