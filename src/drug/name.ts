/** One item of an intervention's name, and the notes in brackets that stand beside it. */
export interface NamePart {
  readonly text: string;
  readonly brackets: readonly string[];
}

const GREEK: Record<string, string> = { α: "alpha", β: "beta", γ: "gamma", δ: "delta", ω: "omega" };

/** Lower case without accents and brand marks; spaces and punctuation stay. */
export function fold(name: string): string {
  return name
    .replace(/[®™©]|\((?:r|tm)\)/giu, " ")
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[αβγδω]/gu, (letter) => GREEK[letter]!)
    .replace(/\s+/g, " ")
    .trim();
}

/** What the spellings of one name have in common: "BIBW-2992" and "bibw 2992" give "bibw2992". */
export function nameKey(name: string): string {
  return fold(name).replace(/[^\p{L}\p{N}]/gu, "");
}

const UNIT =
  "(?:[mnuμ]?g|mcg|kg|gr|gm|grams?|ml|cc|dl|l|iu|mu|u|units?|[mn]mol|meq|mci|c?gy|ppm|tabs?|tablets?|caps?|capsules?|puffs?)\\b|%";
const PER =
  "(?:kg|m2|m\\^2|mg|g|ml|d?l|[ib]bw|bw|d|days?|h|hr|hour|min|week|wk|month|dose|puff|eye)\\b";
const DOSE = new RegExp(
  `(?<![\\p{L}\\p{N}])\\d[\\d.,]*(?:\\s*(?:-|to|/|x)\\s*\\d[\\d.,]*)?[\\s-]*(?:${UNIT})(?:\\s*/\\s*${PER})*`,
  "gu",
);

/** What follows these is what a placebo imitates, not what is given: one item to the end. */
const IMITATED =
  /\b(?:placebos?|sham|dummy)\s+(?:to|for|of|version|matching|matched|identical)\b.*$/u;

const SEPARATOR =
  /\s(?:and|or|plus|with|without|versus|vs\.?|then|followed by|in combination with|combined with)\s|[+;&:/]|,(?!\d)|(?<!\d'?),|\s-+\s|\.\s/u;

/**
 * The items that an intervention's name lists ("a and b", "a + b", "a/b", "a with b", ...). Doses go
 * first, for they hold separators too ("mg/kg"); separators in brackets do not count.
 */
export function splitName(name: string): NamePart[] {
  const text = fold(name).replace(DOSE, " ").replace(/\s+/g, " ");
  const imitation = text.search(IMITATED);
  if (imitation >= 0) {
    const whole = { text: text.slice(imitation).trim(), brackets: [] };
    return [...splitName(text.slice(0, imitation)), whole];
  }
  const parts: NamePart[] = [];
  let outside = "";
  let brackets: string[] = [];
  const close = () => {
    const own = outside.replace(/\s+/g, " ").trim();
    if (own !== "" || brackets.length > 0) parts.push({ text: own, brackets });
    outside = "";
    brackets = [];
  };
  for (const piece of outermost(text)) {
    if (piece.bracket) {
      brackets.push(piece.text);
      outside += " ";
      continue;
    }
    for (const [index, own] of ` ${piece.text} `.split(SEPARATOR).entries()) {
      if (index > 0) close();
      outside += own;
    }
  }
  close();
  return parts;
}

/** Cuts text into what stands outside brackets and what stands in them, nested ones included. */
function outermost(text: string): { text: string; bracket: boolean }[] {
  const pieces: { text: string; bracket: boolean }[] = [];
  let depth = 0;
  let from = 0;
  const cut = (to: number) => {
    pieces.push({ text: text.slice(from, to), bracket: depth > 0 });
    from = to + 1;
  };
  for (let at = 0; at < text.length; at++) {
    if ("([{".includes(text[at]!)) {
      if (depth === 0) cut(at);
      depth++;
    } else if (")]}".includes(text[at]!) && depth > 0) {
      if (depth === 1) cut(at);
      depth--;
    }
  }
  cut(text.length);
  return pieces.filter((piece) => piece.text.trim() !== "");
}

/** Words that say how, when or to whom something is given, never what. */
const NOISE = new Set(
  `a the an of in on at by to for as per via both all alone only single multiple once twice daily weekly monthly
  every qd bid tid qid od po iv sc im it ip bd mg mcg ml kg
  arm arms group cohort part phase dose doses dosing level low high medium standard mid lower higher
  initial loading maintenance fixed period treatment therapy therapeutic regimen combination comparator
  active experimental control test reference investigational study drug drugs product agent intervention combo
  compound formulation formulations new current commercial marketed brand generic bioequivalence
  oral orally intravenous intravenously subcutaneous intramuscular topical transdermal inhaled
  inhalation intranasal nasal ophthalmic rectal vaginal buccal sublingual intrathecal intravitreal
  intraperitoneal intra-arterial aerosolized nebulized injectable parenteral systemic
  tablet tablets tab tabs capsule capsules cap caps solution suspension syrup powder gel cream ointment
  patch spray drops lotion foam suppository implant injection infusion inhaler device pen film
  immediate extended sustained modified controlled delayed release er ir xr sr mr cr xl la
  extended-release immediate-release sustained-release film-coated coated
  liposomal liposome liposomes pegylated micronized nanoparticle recombinant human
  escalating escalation mtd naive fasted fed usp based plus days day week weeks hours administered`.split(
    /\s+/,
  ),
);

/**
 * The words of a part that may name a substance. A hyphen between two words separates them, unless
 * the first looks like a chemical prefix ("azido-", "methyl-", "hydroxy-").
 */
export function substanceWords(text: string): string[] {
  return text
    .replace(/(?<=\p{L}{3}[^loy\P{L}])-(?=\p{L}{4})/gu, " ")
    .split(" ")
    .filter(
      (word) =>
        /\p{L}/u.test(word) && !NOISE.has(word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "")),
    );
}

type Reasons = readonly (readonly [reason: string, pattern: RegExp])[];

const INERT: Reasons = [
  ["placebo", /\b(?:placebos?|sham|dummy|sugar pills?|mimic)\b/u],
  [
    "vehicle or diluent",
    /\b(?:vehicle|saline|sterile water|diluent|artificial tears?)\b|\bwater$|^(?:water|sodium chloride|dextrose|glucose|ringer\S* lactate|lactated ringer\S*)\b/u,
  ],
  [
    "no intervention",
    /\b(?:no (?:treatment|interventions?|drug|therapy)|standard (?:of )?care|(?:usual|supportive) care|treatment as usual|observation\w*|watchful waiting)\b|^control(?: group)?$/u,
  ],
];

const NO_SUBSTANCE: Reasons = [
  [
    "radiation",
    /\b(?:radiation|radiotherapy|\w*irradiation|brachytherapy|chemoradio\w*|radiosurgery|tbi|xrt)\b/u,
  ],
  [
    "laboratory method",
    /\b(?:\w*analysis|assay|chain reaction|\w*cytometry|hybridization|\w*chemistry|techniques?|specimen\w*|biomarkers?|\w*chromatography|gene mapping|papanicolaou|method|pharmacokinetic\w*|pharmacological study)\b/u,
  ],
  [
    "procedure",
    /\b(?:surgery|surgical|\w*section|\w*ectomy|transplant\w*|biops\w+|perfusion|procedure|catheter\w*|laparoscop\w*|blood sampl\w*|mri|clamp|tomography|ultrasound|imaging|leukapheresis|photopheresis|photodynamic|phlebotomy|acupuncture|massage|hyperthermia|endoscopy)\b/u,
  ],
  [
    "behaviour or survey",
    /\b(?:assessment|questionnaires?|survey|exercise|diet\w*|training|counsel\w*|psychotherapy|education\w*|behaviou?r\w*|management|monitoring)\b/u,
  ],
  ["device", /\b(?:device|reagent|stents?|pump|laser|lens(?:es)?|mask|bandage|dressing)\b/u],
];

/** Why a part is inert whatever drug it names ("placebo cediranib"), or undefined. */
export function inertReason(text: string): string | undefined {
  return INERT.find(([, pattern]) => pattern.test(text))?.[0];
}

/** Why a part that names no known drug is none ("radiation therapy"), or undefined. */
export function noSubstanceReason(text: string): string | undefined {
  return NO_SUBSTANCE.find(([, pattern]) => pattern.test(text))?.[0];
}
