import { parseBlocks } from "./blocks.js";
import { headingOf, type Part, splitAtHeadings } from "./headings.js";

export interface Eligibility {
  /** What must hold of a participant, a statement each. */
  readonly inclusion: readonly string[];
  /** What must not hold. */
  readonly exclusion: readonly string[];
  /** Whether any heading said which is which. */
  readonly headed: boolean;
}

/** A statement that excludes by its own wording. */
const EXCLUDES =
  /^\W*(?:exclud|ineligible|not eligible)|\b(?:(?:is|are|be|were) excluded|ineligible|(?:not|non)[ -](?:be )?(?:eligible|included|enrolled|allowed to (?:enrol|participate))|(?:must|may|should|can|will) ?not)\b|\bexclude$/i;
/** A statement that begins with a negation, after a label such as "Renal:" or without. */
const NEGATES =
  /^\W*(?:[A-Z][\w ]{0,30}:\s*)?(?:no|not|never|absence of|without|free of)\b(?! (?:specified|more than|less than|greater than|restriction))/i;

/**
 * Splits eligibility criteria into statements of inclusion and of exclusion, by the headings that
 * say so. Where no heading opens the exclusions, each statement's wording decides: exclusions are
 * those that say so ("... are excluded", "must not") or begin with a negation ("No prior therapy").
 */
export function splitEligibility(text: string): Eligibility {
  const parts: Record<Part, string[]> = { inclusion: [], exclusion: [] };
  let headed = false;
  let part: Part = "inclusion";
  let headingLevel = 0;
  /** Set below a clause among bullets: it announces its sub-bullets, not the rest of the text. */
  let local: { part: Part; level: number } | undefined;

  for (const block of parseBlocks(text).flatMap(splitAtHeadings)) {
    if (local !== undefined && block.level <= local.level) local = undefined;
    const heading = headingOf(block);
    if (heading === undefined) {
      parts[local?.part ?? part].push(block.text);
      continue;
    }
    headed = true;
    if (heading.kind === "announced" && (block.marker !== "none" || block.level > headingLevel)) {
      local = { part: heading.part, level: block.level };
    } else {
      part = heading.part ?? part;
      headingLevel = block.level;
    }
    if (heading.rest !== "") parts[local?.part ?? part].push(heading.rest);
  }
  if (parts.exclusion.length > 0) return { ...parts, headed };

  const statements = parts.inclusion.flatMap(sentences);
  const excludes = (statement: string) => EXCLUDES.test(statement) || NEGATES.test(statement);
  if (!statements.some(excludes)) return { ...parts, headed };
  return {
    inclusion: statements.filter((statement) => !excludes(statement)),
    exclusion: statements.filter(excludes),
    headed,
  };
}

/**
 * The sentences of a paragraph. Old records run them together without punctuation ("ECOG 0-2 No
 * CNS metastases Renal: ..."), so a capitalised negation or label begins one too.
 */
function sentences(paragraph: string): string[] {
  return paragraph.split(
    /(?<=[a-z)\]%]{2}[.;])\s+(?=[A-Z])|\s+(?=(?:No|Not|Must|Concurrent|Fertile|At least|More than) [^:]*?\w)(?<!: )|(?<!:)\s+(?=[A-Z][a-z]+(?: [a-z]+){0,2}: )/,
  );
}
