import type { Draft } from "../trial/draft.js";

/**
 * Text as it is compared when searching: forms that look alike, letter case and kinds of white space do not matter,
 * and both databases compare what is left byte by byte.
 */
export const fold = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll("ς", "σ") // which of them stands depends on what follows
    .replace(/\p{Surrogate}/gu, "\ufffd") // half a letter: neither database keeps it
    .replace(/[\s\0]+/g, " ");

/** What of a draft is searched, a part a line: nothing that is looked for has a line break. */
export const searched = (draft: Draft, molecules: readonly { readonly name: string }[]): string =>
  [
    draft.title ?? "",
    draft.nctId ?? "",
    ...draft.conditions,
    ...draft.interventions.flatMap(({ name, otherNames }) => [name, ...otherNames]),
    ...molecules.map(({ name }) => name),
    draft.eligibilityCriteria,
  ]
    .map(fold)
    .join("\n");

/** The pattern of LIKE … ESCAPE '!' for texts that hold what is looked for. */
export const patternOf = (folded: string): string => `%${folded.replace(/[!%_]/g, "!$&")}%`;

/**
 * What FTS5 is asked for texts that have all trigrams of what is looked for; undefined if it is too short to have any.
 */
export function trigramsOf(folded: string): string | undefined {
  const letters = [...folded];
  const trigrams = new Set<string>();
  for (let i = 0; i + 3 <= letters.length; i++)
    trigrams.add(
      `"${letters
        .slice(i, i + 3)
        .join("")
        .replaceAll('"', '""')}"`,
    );
  return trigrams.size === 0 ? undefined : [...trigrams].join(" AND ");
}
