import Table from "cli-table3";
import { groupBy } from "../base/group.js";
import { counted, type Finding, SEVERITIES } from "./finding.js";

const SEVERITY_WIDTH = 9;
const CHECK_WIDTH = 23;
const LEAST_WIDTH = 40;

/** How wide the report is, and whether it is coloured. */
export interface ReportStyle {
  readonly width: number;
  readonly colour: boolean;
}

/**
 * Findings for people: a table for each data set and run, one of why each check matters and what to do,
 * and a line that sums up.
 */
export function auditReport(findings: readonly Finding[], style: ReportStyle): string {
  const bySubject = [...groupBy(findings, ({ subject }) => subject)].sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  const tables = bySubject.map(([subject, own]) =>
    table(
      ["", "check", subject],
      [SEVERITY_WIDTH, CHECK_WIDTH],
      own.map(({ severity, check, found, examples }) => [
        severity,
        check,
        [found, ...(examples.length === 0 ? [] : [`e.g. ${examples.join(", ")}`])].join("\n"),
      ]),
      style,
    ),
  );
  const checks = [...groupBy(findings, ({ check }) => check).values()].map(([first]) => first!);
  const meaning = table(
    ["check", "why it matters, and what to do"],
    [CHECK_WIDTH],
    checks.map(({ check, why, remedy }) => [check, `${why}\n→ ${remedy}`]),
    style,
  );
  const counts = SEVERITIES.map((severity) =>
    counted(findings.filter((one) => one.severity === severity).length, severity),
  );
  return [...tables, meaning, counts.join(", ")].join("\n\n");
}

/** A table whose last column takes what is left of the width. */
function table(
  head: string[],
  widths: number[],
  rows: string[][],
  { width, colour }: ReportStyle,
): string {
  const taken = widths.reduce((sum, each) => sum + each + 1, 2);
  const result = new Table({
    head,
    colWidths: [...widths, Math.max(LEAST_WIDTH, width - taken)],
    wordWrap: true,
    style: colour ? { head: ["bold"], border: ["grey"] } : { head: [], border: [] },
  });
  result.push(...rows);
  return result.toString();
}
