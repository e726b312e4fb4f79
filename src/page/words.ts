import type { BaseRate } from "../serving/answer.js";
import type { Phase } from "../trial/record.js";

// How figures, phases and dates are written everywhere on the page.

/** .6234 → "62 %"; never 0 or 100, which would claim certainty. */
export const percent = (share: number): string => `${hundred(share)} %`;
/** Of 100; 1 to 99 unless it is exactly 0 or 1. */
export const hundred = (share: number): number =>
  share <= 0 || share >= 1
    ? Math.round(share * 100)
    : Math.min(99, Math.max(1, Math.round(share * 100)));

/** A difference in percentage points with its sign, by a true minus. */
export function points(difference: number): string {
  const text = Math.abs(difference).toFixed(1);
  if (text === "0.0") return "0.0";
  return `${difference > 0 ? "+" : "−"}${text}`;
}

export const phaseName = (phase: Phase): string =>
  phase === "not applicable" ? "no phase" : `phase ${phase}`;
/** "trials of phase 1", "trials without a phase" */
export const trialsOf = (phase: Phase): string =>
  phase === "not applicable" ? "trials without a phase" : `trials of ${phaseName(phase)}`;
/** What base rates are called in charts. */
export const baseRateName = (phase: Phase): string => `Training trials, ${phaseName(phase)}`;
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export const count = (n: number): string => n.toLocaleString("en");
export const plural = (n: number, one: string, many = `${one}s`): string =>
  `${count(n)} ${n === 1 ? one : many}`;

export const rateOf = ({ successes, trials }: BaseRate): number => successes / trials;

/** "26 Nov 2026, 23:15" in the reader's time. */
export const dateTime = (iso: string): string =>
  new Date(iso).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
