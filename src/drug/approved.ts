import { parse } from "csv-parse/sync";
import { collecting, InputError, messageOf } from "../base/error.js";
import { readText } from "../base/file.js";
import type { Chemistry } from "./molecule.js";
import { nameKey } from "./name.js";
import { readSynonyms } from "./synonyms.js";
import { type NamedDrug, readVocabulary } from "./vocabulary.js";

/** Approved drugs: they select trials for pre-training and are never a feature. */
export interface ApprovedDrugs {
  /** Their canonical SMILES. */
  readonly molecules: ReadonlySet<string>;
  /** Their names as the list itself has them, without those of several molecules. */
  readonly names: readonly NamedDrug[];
  /** Their further names, the same way. */
  readonly synonyms: readonly NamedDrug[];
  /** Names and synonyms that were left out, since they say too little or stand for several drugs. */
  readonly vague: readonly string[];
  /** The bad rows; empty unless `skipInvalid`. */
  readonly invalid: readonly InputError[];
}

/** What is asked of a list of approved drugs. */
export interface ApprovedOptions {
  /** Whether drugs are to be found by the list's names, so that a CSV must have them. */
  readonly needsNames?: boolean;
  /** JSON of further names by DrugBank id; needs the column `drugbank_id`. */
  readonly synonyms?: string | undefined;
  /** Return bad rows instead of throwing the first of them. */
  readonly skipInvalid?: boolean;
}

/**
 * Reads a list of approved drugs: a CSV with a column `smiles`, and `name` and `drugbank_id` where it
 * has them, or a vocabulary of name<TAB>SMILES lines. A trial of an approved drug counts as successful
 * (Zhang et al. 2025), so approval tells the outcome.
 * @throws InputError with file and row if a needed column is absent, RDKit rejects a SMILES, or no row
 *   is good
 */
export function readApproved(
  path: string,
  chemistry: Chemistry,
  { needsNames = false, synonyms, skipInvalid = false }: ApprovedOptions = {},
): ApprovedDrugs {
  const invalid: InputError[] = [];
  const bad = skipInvalid ? invalid : undefined;
  const columns = [
    "smiles",
    ...(needsNames ? ["name"] : []),
    ...(synonyms === undefined ? [] : ["drugbank_id"]),
  ];
  const drugs = readDrugs(path, chemistry, columns, bad);
  const molecules = new Set(drugs.flatMap(({ smiles }) => smiles));
  const own = unambiguous(drugs.map(({ name, smiles }) => ({ name, smiles })));
  const further = synonyms === undefined ? undefined : readSynonyms(synonyms);
  const others = unambiguous(
    drugs.flatMap(({ id, smiles }) =>
      (further?.names.get(id) ?? []).map((name) => ({ name, smiles })),
    ),
  );
  return {
    molecules,
    names: own.drugs,
    synonyms: others.drugs,
    vague: [...own.ambiguous, ...others.ambiguous, ...(further?.ordinary ?? [])],
    invalid,
  };
}

interface ListedDrug extends NamedDrug {
  readonly id: string;
}

function readDrugs(
  path: string,
  chemistry: Chemistry,
  columns: readonly string[],
  bad: InputError[] | undefined,
): ListedDrug[] {
  const text = readText(path);
  const first = text.split("\n").find((line) => line.trim() !== "" && !line.startsWith("#"));
  if (first?.includes("\t")) {
    if (columns.includes("drugbank_id"))
      throw new InputError("is a vocabulary, which has no DrugBank ids for synonyms", {
        file: path,
        remedy: "Give a CSV with the columns drugbank_id and smiles, or no synonyms",
      });
    return [...readVocabulary(path, chemistry, bad).drugs].map(({ name, smiles }) => ({
      id: "",
      name,
      smiles: smiles.map(chemistry.canonical),
    }));
  }
  let rows: Record<string, string>[];
  try {
    rows = parse(text, { bom: true, columns: true, skip_empty_lines: true });
  } catch (error) {
    throw new InputError(`is not a CSV: ${messageOf(error)}`, {
      file: path,
      remedy: "Write it as CSV with a header",
    });
  }
  if (rows.length === 0)
    throw new InputError("lists no drug", {
      file: path,
      remedy: "Write a header and a drug a row",
    });
  for (const column of columns)
    if (!(column in rows[0]!))
      throw new InputError(`lacks the column ${column}`, {
        file: path,
        remedy: `Give a CSV with the columns ${columns.join(", ")}${column === "drugbank_id" ? ", or no synonyms" : ""}`,
      });
  const drugs: ListedDrug[] = [];
  for (const [index, { smiles, name = "", drugbank_id: id = "" }] of rows.entries())
    collecting(bad, () => {
      const place = { file: path, row: index + 1, field: "smiles" };
      if (!smiles) throw new InputError("the SMILES is absent", { ...place, remedy: "Add it" });
      try {
        drugs.push({ id, name, smiles: [chemistry.canonical(smiles)] });
      } catch (error) {
        throw error instanceof InputError ? error.at(place) : error;
      }
    });
  if (drugs.length === 0) throw bad![0]!;
  return drugs;
}

/** Drugs by name, each name once, and the names that stand for several drugs. */
function unambiguous(drugs: readonly NamedDrug[]): { drugs: NamedDrug[]; ambiguous: string[] } {
  const meanings = new Map<string, NamedDrug[]>();
  for (const drug of drugs) {
    const key = nameKey(drug.name);
    const known = meanings.get(key) ?? [];
    if (key === "" || known.some(({ smiles }) => smiles.join(" ") === drug.smiles.join(" ")))
      continue;
    meanings.set(key, [...known, drug]);
  }
  const all = [...meanings.values()];
  return {
    drugs: all.filter((one) => one.length === 1).flat(),
    ambiguous: all.filter((one) => one.length > 1).map(([drug]) => drug!.name),
  };
}
