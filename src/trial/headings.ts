import type { Block } from "./blocks.js";

export type Part = "inclusion" | "exclusion";

export interface Heading {
  readonly part: Part;
  /** What follows the heading in its own block. */
  readonly rest: string;
  /** Whether it stands among bullets and governs its sub-bullets only. */
  readonly local: boolean;
}

const CRITERIA = "(?:crit\\w{2,7}|requirements?|conditions?)";
const NAME: Readonly<Record<Part, string>> = {
  inclusion: "(?:inclusions?|inclusive|eligibility|entry|selection|enrol?lment|acceptance)",
  exclusion: "(?:exclusions?|exclusionary|exclusive|ineligibility|non-?inclusion|non-?eligibility)",
};
/** Words that may stand beside the name in a heading without making it a sentence. */
const QUALIFIER =
  "(?:the|key|main|major|minor|general|specific|additional|primary|principal|important|basic|core|" +
  "selected|common|other|brief|summary|partial|list|of|study|trial|protocol|patients?'?|subjects?'?|" +
  "participants?'?|volunteers?'?|healthy|adults?|child(?:ren)?|donors?'?|recipients?'?|cases?|" +
  "controls?|cohorts?|groups?|arms?|parts?|stages?|steps?|phases?|\\d+\\w?|[ivx]+|a|b|c|and|for|" +
  "clinical|medical|screening|initial|entry|enrol?lment|randomi[sz]ation|include|are|is|" +
  "the following)";

/** A heading by name, e.g. "Key Exclusion Criteria (Part 2):" or "INCLUSION". */
const named = (part: Part) =>
  new RegExp(
    `^(?:${QUALIFIER}[\\s,/-]+)*(?:${CRITERIA}\\s+(?:for|of)\\s+)?(?:${QUALIFIER}\\s+)*` +
      `${NAME[part]}\\b(?:[\\s/-]+${CRITERIA}\\b)?(?:` +
      `[^:]{0,80}:(?<rest>.*)|` +
      `(?:\\s*\\([^)]*\\))?(?:[\\s,/-]+${QUALIFIER})*[\\s.;-]*)$`,
    "is",
  );
const NAMED: Readonly<Record<Part, RegExp>> = {
  inclusion: named("inclusion"),
  exclusion: named("exclusion"),
};

/** "Criteria:", and the section titles of the US National Cancer Institute: what must hold. */
const UNNAMED_INCLUSION =
  /^(?:criteria|(?:disease|patient|donor|tumou?r)\s+characteristics|prior[\s/]*(?:(?:and|or)\s*)?concurrent\s+therapy)\s*(?::(?<rest>.*))?$/is;

/** A clause that ends in a colon and announces what excludes. */
const ANNOUNCES_EXCLUSION =
  /\b(?:exclud\w+|exclusion|ineligible|not (?:be )?(?:eligible|included|enrolled)|(?:must|may|should|can) ?not|none of)\b/i;
/** Such a clause about what must hold; only outside bullets, where it ends a list of exclusions. */
const ANNOUNCES_INCLUSION =
  /\b(?:eligible|included|enrolled|inclusion|eligibility|must|required|accepted)\b/i;

/** Reads a block as a heading that says which part follows; undefined if it is none. */
export function headingOf({ text, marker }: Block): Heading | undefined {
  const plain = text.replace(/^[\W_]+/, "").replace(/\*\*|__/g, "");
  for (const part of ["exclusion", "inclusion"] as const) {
    const match = NAMED[part].exec(plain);
    if (match) return { part, rest: restOf(match), local: false };
  }
  const unnamed = UNNAMED_INCLUSION.exec(plain);
  if (unnamed) return { part: "inclusion", rest: restOf(unnamed), local: false };

  if (!/:\s*$/.test(plain) || plain.length > 200) return undefined;
  const local = marker !== "none";
  if (ANNOUNCES_EXCLUSION.test(plain)) return { part: "exclusion", rest: "", local };
  if (!local && ANNOUNCES_INCLUSION.test(plain)) return { part: "inclusion", rest: "", local };
  return undefined;
}

function restOf(match: RegExpExecArray): string {
  return (match.groups?.["rest"] ?? "").replace(/^[\s\-–—]+/, "").trim();
}

const INLINE =
  /(?<=\S\s+)(?=(?:(?:key|main|major)\s+)?(?:inclusion|exclusion)\s+criteri(?:a|on)\s*(?:\([^)]*\)\s*)?:)|(?<=[.;:)]\s+)(?=(?:INCLUSION|EXCLUSION)(?:\s+CRITERIA)?\b)|(?<=\S\s+)(?=(?:DISEASE CHARACTERISTICS|PATIENT CHARACTERISTICS|PRIOR CONCURRENT THERAPY):)/;
const INLINE_ANY_CASE = new RegExp(INLINE.source.split("|(?<=[.;:)]")[0]!, "i");

/** Cuts a block where a heading stands inside it, as in criteria written as one paragraph. */
export function splitAtHeadings(block: Block): Block[] {
  return block.text
    .split(INLINE_ANY_CASE)
    .flatMap((piece) => piece.split(INLINE))
    .map((text, index) => ({
      ...block,
      marker: index === 0 ? block.marker : "none",
      text: text.trim(),
    }));
}
