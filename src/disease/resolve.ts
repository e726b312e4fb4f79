import { InputError } from "../base/error.js";
import type { Trial } from "../trial/record.js";
import { ancestors, writtenCode } from "./icd10.js";
import type { ConditionVocabulary } from "./vocabulary.js";

/**
 * At most so many tokens in {@link ResolvedDiseases.flat}, since basket trials name up to 127
 * conditions; the finest go first. Of 11,000 trials of TOP and ClinicalTrials.gov three reach it.
 */
export const MAX_TOKENS = 32;

/** The tokens that a condition brings. */
export interface ConditionTokens {
  readonly name: string;
  readonly tokens: readonly string[];
}

export interface ResolvedDiseases {
  /** Ways down the hierarchy, each coarse to fine, in the order of the conditions, each once. */
  readonly tokens: readonly (readonly string[])[];
  /** The tokens of all ways, each once: chapters, then blocks, categories, codes; at most MAX_TOKENS. */
  readonly flat: readonly string[];
  /** How many tokens beyond MAX_TOKENS were left out. */
  readonly leftOut: number;
  /** The code or category where each way ends, if it gets so far. */
  readonly codes: readonly string[];
  /** The tokens of each condition that has some, coarse to fine, with its name as the source has it. */
  readonly ofConditions: readonly ConditionTokens[];
  /** Conditions without a token, and malformed codes of unknown conditions, as the source has them. */
  readonly unresolved: readonly string[];
}

/**
 * The diseases of a trial as tokens of the ICD-10-CM hierarchy (chapter, block, category, code), so
 * that a disease the model never saw still has its ancestors.
 *
 * A condition is looked up by name first, whether or not the source gives codes. TOP's are the hits
 * of a text search, and wrong too often: of 5,279 coded conditions with a known name, no given code
 * lies in the category that the name says for 42 %, nor in its chapter for 20 %. And records of
 * ClinicalTrials.gov have no codes: for the 79 training trials found in both sources, names give both
 * records the same tokens, where TOP's codes would overlap by 0.16 (Jaccard index;
 * bench/disease-coverage.js).
 *
 * The codes given for a condition count only where its name is unknown: as far down as all of them
 * agree. One code gives its whole way, hits scattered over the chapters give nothing. They are not
 * used where a trial has another number of code lists than of conditions (TOP drops empty lists):
 * whose they are is then unknown.
 *
 * What was written as a code instead of a name ("E11.9") is that code. No name of the vocabulary is
 * found in a code, and of 12,517 trials of both sources none has such a condition.
 */
export function resolveDiseases(
  trial: Pick<Trial, "conditions" | "icd10">,
  vocabulary: ConditionVocabulary,
): ResolvedDiseases {
  const ways = new Map<string, readonly string[]>();
  const ofConditions: ConditionTokens[] = [];
  const unresolved: string[] = [];
  const aligned = trial.icd10.length === trial.conditions.length;

  for (const [index, condition] of trial.conditions.entries()) {
    let found = vocabulary.lookup(condition).map(ancestors);
    const written = found.length === 0 ? writtenCode(condition) : undefined;
    if (written !== undefined) found = [written];
    if (found.length === 0 && aligned) {
      const given = readGiven(trial.icd10[index]!);
      unresolved.push(...given.malformed);
      const shared = sharedStart(given.ways);
      if (shared.length > 0) found = [shared];
    }
    if (found.length === 0) unresolved.push(condition);
    else ofConditions.push({ name: condition, tokens: [...new Set(byLevel(found))] });
    for (const way of found) ways.set(way.join(" "), way);
  }

  const tokens = [...ways.values()];
  const all = [...new Set(byLevel(tokens))];
  return {
    tokens,
    flat: all.slice(0, MAX_TOKENS),
    leftOut: Math.max(0, all.length - MAX_TOKENS),
    codes: tokens.flatMap((way) => way.slice(2).at(-1)?.replace(/^\w+:/, "") ?? []),
    ofConditions,
    unresolved: [...new Set(unresolved)],
  };
}

/** The tokens of all ways: chapters, then blocks, categories, codes. */
const byLevel = (ways: readonly (readonly string[])[]): string[] =>
  [0, 1, 2, 3].flatMap((level) => ways.flatMap((way) => way[level] ?? []));

function readGiven(codes: readonly string[]): { ways: string[][]; malformed: string[] } {
  const ways: string[][] = [];
  const malformed: string[] = [];
  for (const code of codes) {
    try {
      ways.push(ancestors(code));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      malformed.push(code);
    }
  }
  return { ways, malformed };
}

/** The tokens with which all ways begin. */
function sharedStart(ways: readonly (readonly string[])[]): string[] {
  const [first = [], ...rest] = ways;
  const differs = first.findIndex((token, level) => rest.some((way) => way[level] !== token));
  return first.slice(0, differs === -1 ? first.length : differs);
}
