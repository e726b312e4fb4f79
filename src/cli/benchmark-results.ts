import { aggregate, type Row } from "../report/aggregate.js";
import type { Comparison } from "../report/compare.js";
import { comparisonNotes, comparisonTable } from "../report/comparison-table.js";
import { readResults } from "../report/read-results.js";
import { resultsTables } from "../report/results-table.js";
import { terminalTable } from "../report/table.js";

/** Prints the tables of a benchmark's folder, or its rows as one JSON object. @throws InputError see `readResults` */
export function printResults(folder: string, { json }: { readonly json: boolean }): void {
  const { cells, failures, remarks } = readResults(folder);
  const rows = aggregate(cells);
  if (json) {
    console.log(JSON.stringify({ rows: rows.map(withSeeds), failures, remarks }));
    return;
  }
  for (const table of resultsTables(rows)) console.log(`${terminalTable(table)}\n`);
  for (const remark of remarks) console.log(remark);
}

/** Prints comparisons as a table, or as one JSON object. */
export function printComparisons(
  comparisons: readonly Comparison[],
  { json }: { readonly json: boolean },
): void {
  if (!json) {
    const table = comparisonTable(comparisons, true);
    console.log(terminalTable({ ...table, notes: comparisonNotes(comparisons, true) }));
    return;
  }
  const named = comparisons.map(({ first, second, ...rest }) => ({
    first: first.method,
    second: second.method,
    ...rest,
  }));
  console.log(JSON.stringify({ comparisons: named }));
}

/** A row without what stands in the results' file. */
function withSeeds({ cells, ...row }: Row) {
  return { ...row, seeds: cells.map(({ seed }) => seed) };
}
