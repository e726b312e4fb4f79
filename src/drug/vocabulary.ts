import { collecting, InputError } from "../base/error.js";
import { readText, shipped, writeWhole } from "../base/file.js";
import type { Chemistry } from "./molecule.js";
import { nameKey } from "./name.js";

/** The vocabulary that ships with the package. */
export const SHIPPED_VOCABULARY = shipped("drugs.tsv");

/** A name and its structure: several SMILES for a combination. */
export interface NamedDrug {
  readonly name: string;
  readonly smiles: readonly string[];
}

/** Drug names with their structures. */
export interface Vocabulary {
  /** How many names it knows. */
  readonly size: number;
  readonly drugs: Iterable<NamedDrug>;
  /** The SMILES of a name in any spelling that {@link nameKey} equates: several for a combination. */
  lookup(name: string): readonly string[] | undefined;
}

/**
 * Reads a drug vocabulary: lines of `name<TAB>SMILES`; names of one drug may share a line,
 * `name|name<TAB>SMILES`, and the molecules of a combination stand side by side,
 * `name<TAB>SMILES SMILES`. Empty lines and lines that start with "#" are skipped.
 * @param chemistry If given, every SMILES is checked (the shipped ones were when they were built).
 * @param bad If given, what is wrong with lines goes there, and they are left out.
 * @throws InputError for a file without a drug; with file, row and field for a malformed line, a name
 *   that stands twice with different SMILES, or a SMILES that RDKit rejects.
 */
export function readVocabulary(
  path: string,
  chemistry?: Chemistry,
  bad?: InputError[],
): Vocabulary {
  const known = new Map<string, NamedDrug>();
  for (const [index, line] of readText(path).split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    collecting(bad, () => addLine(line, { file: path, row: index + 1 }, known, chemistry));
  }
  if (known.size === 0)
    throw (
      bad?.[0] ??
      new InputError("names no drug", { file: path, remedy: "Write name<TAB>SMILES lines" })
    );
  return vocabularyOf(known);
}

function addLine(
  line: string,
  row: { file: string; row: number },
  known: Map<string, NamedDrug>,
  chemistry: Chemistry | undefined,
): void {
  const columns = line.split("\t");
  const [names = "", structures = ""] = columns;
  const smiles = structures.split(" ").filter((one) => one !== "");
  if (columns.length !== 2 || smiles.length === 0) {
    throw new InputError("is not a name, a tab and a SMILES", {
      ...row,
      remedy: "Write name<TAB>SMILES, or name|other name<TAB>SMILES",
    });
  }
  if (chemistry !== undefined) for (const one of smiles) check(one, chemistry, row);
  for (const name of names.split("|")) {
    const key = nameKey(name);
    const before = known.get(key);
    if (key === "" || (before !== undefined && before.smiles.join(" ") !== smiles.join(" "))) {
      throw new InputError(
        key === "" ? "a name is empty" : `"${name}" stands here with a second SMILES`,
        { ...row, field: "name", remedy: "Keep one line for every name" },
      );
    }
    known.set(key, { name, smiles });
  }
}

const vocabularyOf = (known: ReadonlyMap<string, NamedDrug>): Vocabulary => ({
  size: known.size,
  drugs: known.values(),
  lookup: (name) => known.get(nameKey(name))?.smiles,
});

/** One vocabulary of several lists. A name that stands in two of them means what the first says. */
export function joinVocabularies(...lists: readonly Iterable<NamedDrug>[]): Vocabulary {
  const known = new Map<string, NamedDrug>();
  for (const list of lists)
    for (const drug of list) {
      const key = nameKey(drug.name);
      if (key !== "" && !known.has(key)) known.set(key, drug);
    }
  return vocabularyOf(known);
}

/**
 * Writes what {@link readVocabulary} reads as the same vocabulary.
 * @throws InputError if the file cannot be written
 */
export function writeVocabulary(path: string, { drugs }: Vocabulary): void {
  const lines = new Map<string, string[]>();
  for (const { name, smiles } of drugs) {
    const structures = smiles.join(" ");
    // What separates names and columns is punctuation, which no look-up minds.
    const plain = name.replace(/[|\t\r\n#]/g, " ").trim();
    lines.set(structures, [...(lines.get(structures) ?? []), plain]);
  }
  const text = [...lines].map(([structures, names]) => `${names.join("|")}\t${structures}\n`);
  writeWhole(path, text.join(""));
}

function check(smiles: string, chemistry: Chemistry, row: { file: string; row: number }): void {
  try {
    chemistry.canonical(smiles);
  } catch (error) {
    throw error instanceof InputError ? error.at({ ...row, field: "SMILES" }) : error;
  }
}
