import { parse } from "csv-parse/sync";
import { InputError, messageOf } from "../base/error.js";
import { readText } from "../base/file.js";
import type { Chemistry } from "./molecule.js";

/**
 * Canonical SMILES of the approved drugs listed in a CSV with a column `smiles`. They select trials
 * for pre-training (a trial of an approved drug counts as successful) and are never a feature:
 * approval tells the outcome.
 * @throws InputError with file and row if the column is absent or RDKit rejects a SMILES.
 */
export function readApproved(path: string, chemistry: Chemistry): ReadonlySet<string> {
  let rows: Record<string, string>[];
  try {
    rows = parse(readText(path), { columns: true, skip_empty_lines: true });
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`is not a CSV: ${messageOf(error)}`, {
      file: path,
      remedy: "Write it as CSV with a header",
    });
  }
  if (rows[0] && !("smiles" in rows[0]))
    throw new InputError("lacks the column smiles", {
      file: path,
      remedy: "Give a CSV with the column smiles",
    });
  return new Set(
    rows.map(({ smiles }, index) => {
      const place = { file: path, row: index + 1, field: "smiles" };
      if (!smiles) {
        throw new InputError("the SMILES is absent", { ...place, remedy: "Add it" });
      }
      try {
        return chemistry.canonical(smiles);
      } catch (error) {
        throw error instanceof InputError ? error.at(place) : error;
      }
    }),
  );
}
