import { parse } from "csv-parse/sync";
import { InputError, messageOf } from "../base/error.js";
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
}

/**
 * Reads a list of approved drugs: a CSV with a column `smiles`, and `name` and `drugbank_id` where it
 * has them, or a vocabulary of name<TAB>SMILES lines. A trial of an approved drug counts as successful
 * (Zhang et al. 2025), so approval tells the outcome.
 * @param synonyms JSON of further names by DrugBank id; needs the column `drugbank_id`
 * @throws InputError with file and row if a needed column is absent or RDKit rejects a SMILES.
 */
export function readApproved(path: string, chemistry: Chemistry, synonyms?: string): ApprovedDrugs {
  const drugs = readDrugs(path, chemistry, synonyms !== undefined);
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
  };
}

interface ListedDrug extends NamedDrug {
  readonly id: string;
}

function readDrugs(path: string, chemistry: Chemistry, needsId: boolean): ListedDrug[] {
  const text = readText(path);
  const first = text.split("\n").find((line) => line.trim() !== "" && !line.startsWith("#"));
  if (first?.includes("\t")) {
    if (needsId)
      throw new InputError("is a vocabulary, which has no DrugBank ids for synonyms", {
        file: path,
        remedy: "Give a CSV with the columns drugbank_id and smiles, or no synonyms",
      });
    return [...readVocabulary(path, chemistry).drugs].map(({ name, smiles }) => ({
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
  for (const column of needsId ? ["smiles", "drugbank_id"] : ["smiles"])
    if (!(column in rows[0]!))
      throw new InputError(`lacks the column ${column}`, {
        file: path,
        remedy: `Give a CSV with the column ${column}${column === "smiles" ? "" : ", or no synonyms"}`,
      });
  return rows.map(({ smiles, name = "", drugbank_id: id = "" }, index) => {
    const place = { file: path, row: index + 1, field: "smiles" };
    if (!smiles) throw new InputError("the SMILES is absent", { ...place, remedy: "Add it" });
    try {
      return { id, name, smiles: [chemistry.canonical(smiles)] };
    } catch (error) {
      throw error instanceof InputError ? error.at(place) : error;
    }
  });
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
