import { parseBlocks } from "./blocks.js";
import { splitEligibility } from "./eligibility.js";
import { headingOf, splitAtHeadings } from "./headings.js";

/** Names of the layout figures, in the order of {@link layoutVector}. */
export const LAYOUT_FIELDS = [
  "characters",
  "words",
  "inclusionStatements",
  "exclusionStatements",
  /** Share of the characters of all statements. */
  "exclusionShare",
  "headings",
  /** 1 if any heading was found, else 0. */
  "headed",
  /** Shares of all blocks; paragraphs are the rest. */
  "bulletShare",
  "numberShare",
  "nestedShare",
  "deepestLevel",
  "meanStatementWords",
  "longestStatementWords",
  "meanWordLength",
  /** Different words over all words. */
  "vocabularyShare",
  /** Shares of all characters but white space. */
  "upperCaseShare",
  "digitShare",
  "punctuationShare",
  "comparisons",
  "ages",
  "durations",
  "laboratoryUnits",
  "percentages",
  "parentheses",
  "abbreviations",
  "negations",
] as const;

/** Figures of a text's form, all counts unless their name says otherwise. */
export type Layout = Readonly<Record<(typeof LAYOUT_FIELDS)[number], number>>;

/**
 * How criteria are written, in figures that do not depend on how the source marked bullets and
 * wrapped lines: the same criteria from the API and from an older export give the same figures.
 */
export function layout(text: string): Layout {
  const blocks = parseBlocks(text);
  const pieces = blocks.flatMap(splitAtHeadings);
  const headings = pieces.filter((piece) => headingOf(piece) !== undefined).length;
  const { inclusion, exclusion, headed } = splitEligibility(text);
  const statements = [...inclusion, ...exclusion];
  const statementWords = statements.map((statement) => wordsOf(statement).length);

  const flat = blocks.map((block) => block.text).join("\n");
  const words = wordsOf(flat);
  const visible = flat.replace(/\s/g, "").length;
  const count = (pattern: RegExp) => flat.match(pattern)?.length ?? 0;
  const blockShare = (test: (block: (typeof blocks)[number]) => boolean) =>
    ratio(blocks.filter(test).length, blocks.length);

  return {
    characters: flat.length,
    words: words.length,
    inclusionStatements: inclusion.length,
    exclusionStatements: exclusion.length,
    exclusionShare: ratio(exclusion.join("").length, statements.join("").length),
    headings,
    headed: headed ? 1 : 0,
    bulletShare: blockShare(({ marker }) => marker === "bullet"),
    numberShare: blockShare(({ marker }) => marker === "number"),
    nestedShare: blockShare(({ level }) => level > 0),
    deepestLevel: Math.max(0, ...blocks.map(({ level }) => level)),
    meanStatementWords: ratio(sum(statementWords), statements.length),
    longestStatementWords: Math.max(0, ...statementWords),
    meanWordLength: ratio(sum(words.map((word) => word.length)), words.length),
    vocabularyShare: ratio(new Set(words.map((word) => word.toLowerCase())).size, words.length),
    upperCaseShare: ratio(count(/\p{Lu}/gu), visible),
    digitShare: ratio(count(/\d/g), visible),
    punctuationShare: ratio(count(/[\p{P}\p{S}]/gu), visible),
    comparisons: count(
      /[<>≤≥=]+|\b(?:(?:greater|less|more|fewer|lower|higher) than|at (?:least|most)|up to)\b/gi,
    ),
    ages: count(/\b(?:\d+\s*(?:years?|yrs?)\b(?: of age| old)?|aged?\b)/gi),
    durations: count(/\b(?:\d+|one|two|three|four|six)\s*(?:hours?|days?|weeks?|months?)\b/gi),
    laboratoryUnits: count(
      /\b(?:(?:[mμµ]?g|mmol|[μµ]mol|IU|U|mEq|cells?)\s?\/\s?\w+|mm ?Hg|ULN|LLN|(?:upper|lower) limits? of normal|mm\^?3)/gi,
    ),
    percentages: count(/\d\s?%/g),
    parentheses: count(/\(/g),
    abbreviations: count(/\b[A-Z][A-Z\d]+\b/g),
    negations: count(/\b(?:no|not|non|none|never|without|unable|unwilling|absence)\b/gi),
  };
}

/** The figures as a row of numbers, in the order of {@link LAYOUT_FIELDS}. */
export function layoutVector(text: string): Float32Array {
  const figures = layout(text);
  return Float32Array.from(LAYOUT_FIELDS, (field) => figures[field]);
}

function wordsOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu) ?? [];
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** 0 of 0 is no share. */
const ratio = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
