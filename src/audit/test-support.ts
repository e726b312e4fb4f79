import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after } from "node:test";
import { makeFolder } from "../base/file.js";
import { audit } from "./audit.js";
import type { Finding } from "./finding.js";
import { loadInput } from "./load.js";

/** A folder that is removed after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "cladmop-audit-"));
  after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Writes files, by name, into a folder of their own below `root`, and returns it. */
export function writeFolder(
  root: string,
  name: string,
  files: Readonly<Record<string, string>>,
): string {
  for (const [file, content] of Object.entries(files)) {
    makeFolder(dirname(join(root, name, file)));
    writeFileSync(join(root, name, file), content);
  }
  return join(root, name);
}

const COLUMNS = [
  ...["nctid", "status", "why_stop", "label", "phase", "diseases", "icdcodes", "drugs", "smiless"],
  "criteria",
];

/** A trial of TOP; every column has a default but the NCT id. */
export type TopRow = Readonly<Record<string, string>> & { readonly nctid: string };

/** A CSV as TOP's, with further columns where a row has them. */
export function topCsv(rows: readonly TopRow[]): string {
  const columns = [...new Set([...COLUMNS, ...rows.flatMap(Object.keys)])];
  const cellsOf = (row: TopRow): string[] => {
    const cells: Readonly<Record<string, string>> = {
      status: "completed",
      label: "1",
      phase: "phase 1",
      diseases: "['asthma']",
      icdcodes: "[]",
      drugs: "['aspirin']",
      smiless: "['CC(=O)OC1=CC=CC=C1C(O)=O']",
      criteria: `Adults as in ${row.nctid}`,
      ...row,
    };
    return columns.map((column) => `"${(cells[column] ?? "").replaceAll('"', '""')}"`);
  };
  return `${[columns, ...rows.map(cellsOf)].map((cells) => cells.join(",")).join("\n")}\n`;
}

/** Trials of an id each, the first `successes` of them successful. */
export const trials = (
  ids: readonly number[],
  successes: number,
  change: Readonly<Record<string, string>> = {},
): TopRow[] =>
  ids.map((id, i) => ({ nctid: nctId(id), label: i < successes ? "1" : "0", ...change }));

export const nctId = (id: number): string => `NCT${String(id).padStart(8, "0")}`;

/** Numbers from `first` on. */
export const range = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => first + i);

/** Everything that is found in folders and files audited together. */
export const auditPaths = (...paths: string[]): Finding[] =>
  audit(loadInput(paths, { report() {} }), { report() {} });

/** What a check found, as [severity, subject, found]. */
export const foundBy = (check: string, findings: readonly Finding[]): string[][] =>
  findings
    .filter((one) => one.check === check)
    .map(({ severity, subject, found }) => [severity, subject, found]);
