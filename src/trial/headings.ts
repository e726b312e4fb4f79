import type { Block } from "./blocks.js";

export type Part = "inclusion" | "exclusion";

export type Heading = {
  /** What follows the heading in its own block. */
  readonly rest: string;
} & (
  | {
      /**
       * "named" calls the part by its name ("Key exclusion criteria:"), "announced" begins a list in
       * other words ("Patients must not have:").
       */
      readonly kind: "named" | "announced";
      readonly part: Part;
    }
  | {
      /** A title that does not tell the parts apart. */
      readonly kind: "section";
      readonly part: undefined;
    }
);

const CRITERIA = "(?:crit\\w{2,7}|requirements?|conditions?)";
/** Misspellings ("Excusion", "Inlcusion") included. */
const NAME: Readonly<Record<Part, string>> = {
  inclusion: `(?:in[clu]{2,5}sions?|incl?\\.?|eligibility|(?:entry|selection|enrol?lment)\\s+(?=${CRITERIA}))`,
  exclusion:
    "(?:ex[clu]{2,5}sions?|exclusionary|excl?\\.?|ineligibility|non[\\s-]?inclusion|non-?eligibility)",
};
/** Words that may stand beside the name in a heading without making it a sentence. */
const QUALIFIER =
  "(?:the|key|main|major|minor|general|specific|additional|primary|principal|important|basic|core|" +
  "selected|common|other|brief|summary|partial|list|of|study|trial|protocol|patient'?s?'?|" +
  "subject'?s?'?|participant'?s?'?|volunteer'?s?'?|healthy|adults?|child(?:ren)?|donor'?s?'?|" +
  "recipient'?s?'?|cases?|controls?|cohorts?|groups?|arms?|parts?|stages?|steps?|phases?|\\d+\\w?|" +
  "[ivx]+|a|b|c|and|for|clinical|medical|screening|initial|entry|enrol?lment|randomi[sz]ation)";

/**
 * A heading by name, e.g. "Key Exclusion Criteria (Part 2):" or "INCLUSION", or the beginning of a
 * sentence that lists, e.g. "Exclusion criteria include ...".
 */
const named = (part: Part) =>
  new RegExp(
    `^(?:${QUALIFIER}[\\s,/-]+)*(?:${CRITERIA}\\s+(?:for|of)\\s+(?:${QUALIFIER}\\s+)?)?` +
      `${NAME[part]}(?!\\w)(?:[\\s/-]*${CRITERIA}\\b)?(?:` +
      `(?:[^:]{0,80}:|\\s+(?:include[sd]?|are|were)\\b)(?<rest>.*)|` +
      `(?<=${CRITERIA})\\s+(?:for|-|–)\\s[^:]{0,80}\\w|` +
      `(?:\\s*\\([^)]*\\))?(?:[\\s,/-]+${QUALIFIER})*[\\s.;-]*)$`,
    "is",
  );
const NAMED: Readonly<Record<Part, RegExp>> = {
  inclusion: named("inclusion"),
  exclusion: named("exclusion"),
};

/** "Criteria:", and the section titles of the US National Institutes of Health. */
const SECTION =
  /^(?:(?:protocol (?:entry )?)?criteria|(?:disease|patient|population|donor|tumou?r)\s+characteristics|prior[\s/]*(?:(?:and|or)\s*)?concurrent\s+therapy)\s*(?:(?::|--)(?<rest>.*))?$/is;

/** A clause that ends in a colon and announces what excludes, or what must hold. */
const ANNOUNCES: Readonly<Record<Part, RegExp>> = {
  exclusion:
    /\b(?:exclud\w+|exclusion|ineligible|not (?:be )?(?:eligible|included|enrolled)|(?:must|may|should|can) ?not|unable to enrol?l|none of)\b/i,
  inclusion: /\b(?:eligible|inclusion|eligibility|must|able to enrol?l)\b/i,
};
const LONGEST_ANNOUNCEMENT = 200;

/** Reads a block as a heading of one part or of a section; undefined if it is none. */
export function headingOf({ text, marker }: Block): Heading | undefined {
  const plain = text.replace(/^[\W\d_]+/, "").replace(/\*\*|__/g, "");
  const section = SECTION.exec(plain);
  if (section && (marker === "none" || section.groups?.rest !== undefined)) {
    return { part: undefined, rest: restOf(section), kind: "section" };
  }
  const parts = ["exclusion", "inclusion"] as const;
  for (const part of parts) {
    const match = NAMED[part].exec(plain);
    if (match) return { part, rest: restOf(match), kind: "named" };
  }
  if (!plain.endsWith(":") || plain.length > LONGEST_ANNOUNCEMENT) return undefined;
  const part = parts.find((each) => ANNOUNCES[each].test(plain));
  return part && { part, rest: "", kind: "announced" };
}

function restOf(match: RegExpExecArray): string {
  return (match.groups?.rest ?? "").replace(/^[\s\-–—]+/, "").trim();
}

/** Behind some words that neither belong to the heading nor make it part of a sentence. */
const INSIDE = `(?<=\\S\\s+)(?<!^[\\W\\d]*(?:${QUALIFIER}[\\s,/-]+)*)(?<!\\b(?:and|or|the|no|all|any|key)\\s+)`;

/** Where a heading begins inside a paragraph: by its full name, or in capitals. */
const INLINE = [
  new RegExp(
    `${INSIDE}(?=(?:(?:key|main|major)\\s+)?(?:inclusion|exclusion)\\s+criteri(?:a|on)\\s*(?:\\([^)]*\\)\\s*)?:)`,
    "i",
  ),
  new RegExp(`${INSIDE}(?=(?:Inclusion|Exclusion) Criteria\\s*$)`),
  /(?<=[.;]\s+)(?=(?:inclusion|exclusion)(?:s|\s+criteria)\s+(?:include[sd]?|are|were)\b)/i,
  /(?<=[.;:)]\s+)(?=(?:INCLUSION|EXCLUSION)(?:\s+CRITERIA)?\b)/,
  /(?<=\S\s+)-*(?=(?:DISEASE|PATIENT) CHARACTERISTICS:|PRIOR CONCURRENT THERAPY:|(?:Disease|Patient|Population) Characteristics--|Prior\/Concurrent Therapy--)/,
];

/** Cuts a block where a heading stands inside it, as in criteria written as one paragraph. */
export function splitAtHeadings(block: Block): Block[] {
  return INLINE.reduce(
    (pieces, place) => pieces.flatMap((piece) => piece.split(place)),
    [block.text],
  ).map((text, index) => ({
    ...block,
    marker: index === 0 ? block.marker : "none",
    text: text.trim(),
  }));
}
