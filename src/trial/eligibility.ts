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
  /^\W*(?:exclu|ineligible|not eligible)|\b(?:(?:is|are|be|were) excluded|ineligible|(?:not|non)[ -](?:be )?(?:eligible|included|enrolled|allowed to (?:enrol|participate))|(?:must|may|should|can|will) ?not)\b/i;

/**
 * Splits eligibility criteria into statements of inclusion and of exclusion: by the headings that
 * say so, and where no heading opens the exclusions, by each statement's own wording.
 */
export function splitEligibility(text: string): Eligibility {
  const parts: Record<Part, string[]> = { inclusion: [], exclusion: [] };
  const opened = new Set<Part>();
  let part: Part = "inclusion";
  let local: { part: Part; level: number } | undefined;

  for (const block of parseBlocks(text).flatMap(splitAtHeadings)) {
    if (local !== undefined && block.level <= local.level) local = undefined;
    const heading = headingOf(block);
    if (heading === undefined) {
      parts[local?.part ?? part].push(block.text);
      continue;
    }
    opened.add(heading.part);
    if (heading.local) local = { part: heading.part, level: block.level };
    else part = heading.part;
    if (heading.rest !== "") parts[heading.part].push(heading.rest);
  }
  const headed = opened.size > 0;
  if (opened.has("exclusion")) return { ...parts, headed };

  const statements = parts.inclusion.flatMap(sentences);
  const exclusion = statements.filter((statement) => EXCLUDES.test(statement));
  if (exclusion.length === 0) return { ...parts, headed };
  return { inclusion: statements.filter((each) => !EXCLUDES.test(each)), exclusion, headed };
}

function sentences(paragraph: string): string[] {
  return paragraph.split(/(?<=[a-z)\]%]{2}[.;])\s+(?=[A-Z])/);
}
