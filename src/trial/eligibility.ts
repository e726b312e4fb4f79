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

/** A statement of eligibility criteria, with the words of a block of {@link parseBlocks}. */
export interface Statement {
  readonly part: Part;
  readonly text: string;
  /** Which of the blocks it stands in, and so which line of {@link plainText}. */
  readonly line: number;
}

/**
 * Splits eligibility criteria into statements of inclusion and of exclusion, by the headings that
 * say so. Where no heading opens the exclusions, each statement's wording decides: exclusions are
 * those that say so ("... are excluded", "must not") or begin with a negation ("No prior therapy").
 */
export function splitEligibility(text: string): Eligibility {
  const { statements, headed } = statementsOf(text);
  const of = (part: Part) =>
    statements.filter((statement) => statement.part === part).map((statement) => statement.text);
  return { inclusion: of("inclusion"), exclusion: of("exclusion"), headed };
}

/** The statements that {@link splitEligibility} splits criteria into, in the order of the text. */
export function statementsOf(text: string): {
  readonly statements: readonly Statement[];
  readonly headed: boolean;
} {
  const statements: Statement[] = [];
  let headed = false;
  let part: Part = "inclusion";
  let headingLevel = 0;
  /** Set below a clause among bullets: it announces its sub-bullets, not the rest of the text. */
  let local: { part: Part; level: number } | undefined;

  for (const [line, whole] of parseBlocks(text).entries())
    for (const block of splitAtHeadings(whole)) {
      if (local !== undefined && block.level <= local.level) local = undefined;
      const heading = headingOf(block);
      if (heading === undefined) {
        statements.push({ part: local?.part ?? part, text: block.text, line });
        continue;
      }
      headed = true;
      if (heading.kind === "announced" && (block.marker !== "none" || block.level > headingLevel)) {
        local = { part: heading.part, level: block.level };
      } else {
        part = heading.part ?? part;
        headingLevel = block.level;
      }
      if (heading.rest !== "")
        statements.push({ part: local?.part ?? part, text: heading.rest, line });
    }
  if (statements.some((statement) => statement.part === "exclusion")) return { statements, headed };

  const excludes = (statement: string) => EXCLUDES.test(statement) || NEGATES.test(statement);
  const split = statements.flatMap((statement) =>
    sentences(statement.text).map(
      (one): Statement => ({
        ...statement,
        text: one,
        part: excludes(one) ? "exclusion" : "inclusion",
      }),
    ),
  );
  if (!split.some((statement) => statement.part === "exclusion")) return { statements, headed };
  return { statements: split, headed };
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
