// The word tokenizer of Moses (Koehn et al. 2007, tokenizer.perl) for English, with dashes split and special
// characters escaped, as its Python version sacremoses does it: what BioGPT was trained on.

/** What Python's \s is. */
const SPACE =
  "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const LETTER = "\\p{Alphabetic}";
const ALPHANUMERIC = `${LETTER}\\p{Nd}`;
const NUMBER = "\\p{N}";
/** Stands for a dot that is no full stop; no text has it when it is put in. */
const DOT = "\u0001";

type Rule = readonly [pattern: RegExp, replacement: string];
const rule = (pattern: string, replacement: string): Rule => [
  new RegExp(pattern, "gu"),
  replacement,
];

const SINGLE_SPACES = rule(`[${SPACE}]+`, " ");

const CLEANING: readonly Rule[] = [
  SINGLE_SPACES,
  rule("[\\x00-\\x1f]", ""),
  rule(`^[${SPACE}]+|[${SPACE}]+$`, ""),
];

const MARKS: readonly Rule[] = [
  rule(`([^${ALPHANUMERIC}${SPACE}.'\`,\\-])`, " $1 "),
  rule(`([${ALPHANUMERIC}])-(?=[${ALPHANUMERIC}])`, "$1 @-@ "),
];

const COMMAS_AND_APOSTROPHES: readonly Rule[] = [
  // Commas, but for those within numbers.
  rule(`([^${NUMBER}]),`, "$1 , "),
  rule(`,([^${NUMBER}])`, " , $1"),
  rule(`([${NUMBER}]),$`, "$1 , "),
  // Apostrophes: 's goes with what follows.
  rule(`([^${LETTER}])'([^${LETTER}])`, "$1 ' $2"),
  rule(`([^${LETTER}${NUMBER}])'([${LETTER}])`, "$1 ' $2"),
  rule(`([${LETTER}])'([^${LETTER}])`, "$1 ' $2"),
  rule(`([${LETTER}])'([${LETTER}])`, "$1 '$2"),
  rule(`([${NUMBER}])'s`, "$1 's"),
];

const ESCAPES: readonly Rule[] = [
  rule("&", "&amp;"),
  rule("\\|", "&#124;"),
  rule("<", "&lt;"),
  rule(">", "&gt;"),
  rule("'", "&apos;"),
  rule('"', "&quot;"),
  rule("\\[", "&#91;"),
  rule("\\]", "&#93;"),
];

/** Abbreviations that keep their full stop (Moses' nonbreaking_prefix.en). */
const ABBREVIATIONS = new Set([
  ..."ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  ..."Adj Adm Adv Asst Bart Bldg Brig Bros Capt Cmdr Col Comdr Con Corp Cpl DR Dr Drs Ens".split(
    " ",
  ),
  ..."Gen Gov Hon Hr Hosp Insp Lt MM MR MRS MS Maj Messrs Mlle Mme Mr Mrs Ms Msgr Op Ord".split(
    " ",
  ),
  ..."Pfc Ph Prof Pvt Rep Reps Res Rev Rt Sen Sens Sfc Sgt Sr St Supt Surg".split(" "),
  ..."v vs i.e rev e.g Rs Nos Nr Jan Feb Mar Apr Jun Jul Aug Sep Oct Nov Dec".split(" "),
]);
/** Those that keep it before a number. */
const BEFORE_NUMBERS = new Set(["No", "Art", "pp"]);

const ANY_LETTER = new RegExp(`[${LETTER}]`, "u");
const STARTS_LOWER = /^\p{Lowercase}/u;

/** The words and marks of a text, in order. */
export function mosesTokens(text: string): string[] {
  let result = apply([...CLEANING, ...MARKS], text).replace(
    /\.{2,}/g,
    (dots) => ` ${DOT.repeat(dots.length)} `,
  );
  result = splitFullStops(apply(COMMAS_AND_APOSTROPHES, result));
  result = result.replace(/\.'$/, " . '").replaceAll(DOT, ".");
  return words(apply(ESCAPES, result));
}

const apply = (rules: readonly Rule[], text: string): string =>
  rules.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), text);

const words = (text: string): string[] =>
  text.split(SINGLE_SPACES[0]).filter((word) => word !== "");

/** Words one space apart; a full stop at the end of one is apart from it unless it is an abbreviation's. */
function splitFullStops(text: string): string {
  const all = words(text);
  return all
    .map((word, i) => {
      if (word.length < 2 || !word.endsWith(".")) return word;
      const bare = word.slice(0, -1);
      const next = all[i + 1] ?? "";
      const kept =
        (bare.includes(".") && ANY_LETTER.test(bare)) ||
        ABBREVIATIONS.has(bare) ||
        STARTS_LOWER.test(next) ||
        (BEFORE_NUMBERS.has(bare) && /^[0-9]/.test(next));
      return kept ? word : `${bare} .`;
    })
    .join(" ");
}
