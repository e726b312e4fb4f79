import { plainText } from "../trial/index.js";
import { type Check, inEachDataSet } from "./check.js";
import { examplesOf } from "./finding.js";
import { hypergeometricTail } from "./hypergeometric.js";
import { type AuditedTrial, idOf } from "./input.js";
import { prevalenceOf } from "./labels.js";

/** A trial and the sentences of its criteria. */
interface Text {
  readonly trial: AuditedTrial;
  readonly sentences: ReadonlySet<string>;
}

/**
 * What share of an outcome's trials a sentence must stand in. Honest sentences go with the outcome, too: the
 * wording of a sponsor, or of a form of the registry, may stand in 24 failures and in no success. But of the
 * sentences of TOP that have one outcome, none stands in more than 3.3 % of that outcome's trials.
 */
const LEAST_OF_OUTCOME = 0.1;
/** What share of a sentence's trials must have the outcome. */
const LEAST_OF_TRIALS = 0.95;
/**
 * Trials that share so many other sentences, those of every second trial apart, are of one sponsor or form
 * and tend to share their fate: they count once.
 */
const ALIKE = 7;
/**
 * Chance that any honest sentence of a data set is named. Of 4,000 random parts of TOP with 150 trials each, 5
 * have one (without {@link ALIKE} 58). A sentence put into a fifth of their failures is named in 98 to 100 % of
 * the parts of phases I and III, and in 60 % of phase II, where most trials fail.
 */
const LEVEL = 0.005;
/** Sentences that are named one by one. */
const NAMED = 3;

/** Sentences of the criteria that tell the outcome. */
export const tellingCriteria: Check = {
  name: "telling-criteria",
  why: "Models read the criteria: a sentence that was written when the outcome was known is the answer.",
  remedy: "Take it out of all criteria, or take these from a version before the trials began.",
  find: inEachDataSet(({ splits }) => {
    const texts = splits
      .flatMap(({ trials }) => trials)
      .filter(({ outcome }) => outcome.label !== undefined)
      .map((trial) => ({ trial, sentences: sentencesOf(trial.trial.eligibilityCriteria) }));
    const telling = tellingSentences(texts);
    if (telling.length === 0) return [];
    const { positives, n } = prevalenceOf(texts.map(({ trial }) => trial));
    const named = telling
      .slice(0, NAMED)
      .map(
        ({ sentence, holders, agree, outcome }) =>
          `"${shortened(sentence)}" in ${holders.length}, ${agree} of them ${outcome}`,
      );
    const more = telling.length > NAMED ? `, and ${telling.length - NAMED} more` : "";
    return [
      {
        severity: "leak",
        found:
          `sentences of the criteria that tell the outcome of ${n} trials, ${positives} of them ` +
          `successful: ${named.join("; ")}${more}`,
        examples: examplesOf(
          telling.flatMap(({ holders }) => holders.map(({ trial }) => idOf(trial))),
        ),
      },
    ];
  }),
};

interface Telling {
  readonly sentence: string;
  readonly holders: readonly Text[];
  /** How many of them have the outcome. */
  readonly agree: number;
  readonly outcome: "failures" | "successes";
}

/** Sentences in more trials of one outcome than chance allows, those in most trials first. */
function tellingSentences(texts: readonly Text[]): Telling[] {
  const { positives, n } = prevalenceOf(texts.map(({ trial }) => trial));
  const trialsWith = [n - positives, positives] as const;
  const fewest = LEAST_OF_OUTCOME * Math.min(...trialsWith);
  if (fewest === 0) return [];
  const holdersOf = new Map<string, Text[]>();
  for (const text of texts)
    for (const sentence of text.sentences) {
      const holders = holdersOf.get(sentence);
      if (holders === undefined) holdersOf.set(sentence, [text]);
      else holders.push(text);
    }
  const frequent = [...holdersOf].filter(([, holders]) => holders.length >= fewest);
  const isRare = (sentence: string) => holdersOf.get(sentence)!.length < n / 2;
  const agreeing = (some: readonly Text[], label: 0 | 1) =>
    some.filter(({ trial }) => trial.outcome.label === label).length;
  return frequent
    .flatMap(([sentence, holders]): Telling[] => {
      const label = agreeing(holders, 1) > holders.length / 2 ? 1 : 0;
      const agree = agreeing(holders, label);
      if (agree < LEAST_OF_TRIALS * holders.length || agree < LEAST_OF_OUTCOME * trialsWith[label])
        return [];
      const different = unlike(holders, (one) => one !== sentence && isRare(one));
      const p = hypergeometricTail(agreeing(different, label), {
        drawn: different.length,
        marked: trialsWith[label],
        all: n,
      });
      // Bonferroni's correction for all that are frequent enough, and for both outcomes.
      if (2 * frequent.length * p >= LEVEL) return [];
      return [{ sentence, holders, agree, outcome: label === 1 ? "successes" : "failures" }];
    })
    .sort((a, b) => b.agree - a.agree);
}

/** Those of some trials that share less than {@link ALIKE} sentences that count with each one before. */
function unlike(texts: readonly Text[], counts: (sentence: string) => boolean): Text[] {
  const kept: Text[] = [];
  for (const text of texts) {
    const own = [...text.sentences].filter(counts);
    const isAlike = (other: Text) =>
      own.filter((sentence) => other.sentences.has(sentence)).length >= ALIKE;
    if (!kept.some(isAlike)) kept.push(text);
  }
  return kept;
}

/**
 * The different sentences of a text, in lower case, without punctuation and with "#" for numbers. Lines are
 * read as they stand, too, so that a line which looks like the end of the one before is a sentence.
 */
function sentencesOf(criteria: string): Set<string> {
  const sentences = `${plainText(criteria)}\n${criteria}`
    .split(/\n|(?<=[.!?;])\s/)
    .map((sentence) =>
      sentence
        .toLowerCase()
        .replace(/\d+(?:[.,]\d+)*/g, "#")
        .replace(/[^\p{L}\p{N}#<>≤≥=]+/gu, " ")
        .trim(),
    );
  return new Set(sentences.filter((sentence) => sentence !== ""));
}

const shortened = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);
