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

/** A drug's name begins with a capital, unless it has capitals of its own, as mRNA-1273 has. */
export const drugName = (name: string): string =>
  /^\p{Ll}+(?=[\s,;]|$)/u.test(name) ? capital(name) : name;

/** A text whose marks that would turn it around (Unicode's bidirectional controls) are to be seen instead: "⟨U+202E⟩". */
export const visible = (text: string): string =>
  text.replaceAll(
    TURNING,
    (mark) => `⟨U+${mark.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`,
  );
/** Embeddings, overrides and isolates, and what ends them. */
export const TURNING = /[\u202A-\u202E\u2066-\u2069]/g;

export const count = (n: number): string => n.toLocaleString("en");
export const plural = (n: number, one: string, many = `${one}s`): string =>
  `${count(n)} ${n === 1 ? one : many}`;

export const rateOf = ({ successes, trials }: BaseRate): number => successes / trials;

/** "26 Nov 2026, 23:15" in the reader's time. */
export const dateTime = (iso: string): string =>
  new Date(iso).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
