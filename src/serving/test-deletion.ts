import { plainText } from "../trial/blocks.js";
import { type Statement, statementsOf } from "../trial/eligibility.js";
import type { Trial } from "../trial/record.js";
import { withoutStatements } from "./deletion.js";

/**
 * A trial whose criteria are those of another without some of its statements, as anyone would write it down: what a
 * prediction of it says depends on nothing that was computed for the other.
 * @param places of the statements, in the order of the text
 */
export function deleted(trial: Trial, places: readonly number[]): Trial {
  const { statements } = statementsOf(trial.eligibilityCriteria);
  const chosen = new Set<Statement>(places.map((place) => statements[place]!));
  const text = withoutStatements(plainText(trial.eligibilityCriteria), statements, chosen);
  // Blank lines keep apart what might be taken for one wrapped paragraph.
  return { ...trial, eligibilityCriteria: text.split("\n").join("\n\n") };
}

/** Places of the strongest attributions of statements, all of the direction that is stronger in all. */
export function strongestPlaces(effects: readonly number[], count: number): number[] {
  const sum = (sign: number) => effects.reduce((total, one) => total + Math.max(0, sign * one), 0);
  const sign = sum(1) >= sum(-1) ? 1 : -1;
  return effects
    .map((_, place) => place)
    .sort((a, b) => sign * (effects[b]! - effects[a]!))
    .slice(0, count);
}
