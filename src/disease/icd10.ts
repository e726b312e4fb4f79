import { InputError } from "../base/error.js";
import { CHAPTERS, type CodeRange } from "./icd10-blocks.js";

// A letter, a digit, a digit or letter, then up to four characters of detail. QA0, new in 2026, is the
// one category with a letter in the middle.
const CODE = /^([A-Z][0-9][0-9A-Z]|QA0)\.?([0-9A-Z]{0,4})$/;

/**
 * The one spelling of an ICD-10(-CM) code: upper case, a dot after the third character, without the
 * dagger and asterisk marks of WHO's ICD-10. "c3490" → "C34.90", "G63.2*" → "G63.2".
 * @throws InputError if the text has not the form of a code. Whether the code exists is not checked
 * below the block: editions differ, and an unknown code still has its ancestors.
 */
export function normaliseCode(code: string): string {
  const match = CODE.exec(
    code
      .trim()
      .toUpperCase()
      .replace(/[+*†]+$/, ""),
  );
  if (match === null) {
    throw new InputError(`"${code}" is not an ICD-10 code`, {
      field: "icdcodes",
      remedy: 'Give a letter, two characters and optional detail, e.g. "C34.90"',
    });
  }
  const [, category, detail] = match;
  return detail === "" ? category! : `${category}.${detail}`;
}

// A category such as C7A sorts between C76 and C80 and yet lies outside them, so it counts only where
// the tabular list names it.
function holds({ first, last, also }: CodeRange, category: string): boolean {
  if (/[A-Z]$/.test(category)) return [first, last, ...also].includes(category);
  return first <= category && category <= last;
}

/**
 * A code's way down the hierarchy as tokens, coarse to fine:
 * ancestors("C34.90") → ["chapter:C00-D49", "block:C30-C39", "category:C34", "code:C34.90"].
 * A category itself ("C34") has no code token.
 * @throws InputError if the code is malformed or lies in no block of ICD-10-CM.
 */
export function ancestors(code: string): string[] {
  const normal = normaliseCode(code);
  const category = normal.slice(0, 3);
  for (const chapter of CHAPTERS) {
    const block = chapter.blocks.find((candidate) => holds(candidate, category));
    if (block === undefined) continue;
    const chain = [`chapter:${chapter.range}`, `block:${block.range}`, `category:${category}`];
    return normal === category ? chain : [...chain, `code:${normal}`];
  }
  throw new InputError(`"${code}" lies in no block of ICD-10-CM`, {
    field: "icdcodes",
    remedy: "Look the code up in the ICD-10-CM tabular list",
  });
}

// Detail has letters only behind a dot here: without one, "V600E" is a mutation. So is "p53" a protein.
const WHOLE = /^(?!p\d\d$)(?:[A-Z]\d[\dA-Z]|QA0)(?:\d{0,4}|\.[\dA-Z]{1,4})$/i;

/**
 * The way ({@link ancestors}) of what someone wrote instead of a disease's name, if all of it is a code of ICD-10-CM:
 * "E11", "e119", "E11.9"; undefined for "C3", which is none, and "B12", which lies in no block.
 */
export function writtenCode(text: string): string[] | undefined {
  const code = text.trim();
  if (!WHOLE.test(code)) return undefined;
  try {
    return ancestors(code);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return undefined;
  }
}
