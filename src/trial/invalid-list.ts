import type { InputError } from "../base/error.js";
import { writeWhole } from "../base/file.js";

/**
 * Lists bad rows in a file, one JSON object a line: file, row, field, remedy and problem.
 * @returns one line that says so
 * @throws InputError if the file cannot be written
 */
export function writeInvalidList(file: string, bad: readonly InputError[]): string {
  const lines = bad.map(({ problem, location }) => JSON.stringify({ ...location, problem }));
  writeWhole(file, `${lines.join("\n")}\n`);
  const rows = bad.length === 1 ? "1 bad row was" : `${bad.length} bad rows were`;
  return `Warning: ${rows} skipped and listed in ${file}`;
}
