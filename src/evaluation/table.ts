import Table from "cli-table3";
import type { Interval } from "./bootstrap.js";
import type { Evaluation } from "./evaluate.js";

const HEAD = [
  "model",
  "PR-AUC [95 % CI]",
  "ROC-AUC [95 % CI]",
  "F1",
  "Brier",
  "ECE",
  "HINT-compatible PR-AUC\n(0/1 decisions)",
];

const figure = (value: number) => value.toFixed(3);
const withInterval = (value: number, [low, high]: Interval) =>
  `${figure(value)} [${figure(low)}, ${figure(high)}]`;

/** A table for the terminal, one row a model. Coloured only where standard output is a terminal. */
export function evaluationTable(
  rows: readonly { readonly model: string; readonly result: Evaluation }[],
): string {
  const table = new Table({
    head: HEAD,
    style: process.stdout.isTTY ? { head: ["bold"], border: ["grey"] } : { head: [], border: [] },
  });
  for (const { model, result } of rows) {
    table.push([
      model,
      withInterval(result.prAuc, result.interval.prAuc),
      withInterval(result.rocAuc, result.interval.rocAuc),
      figure(result.f1),
      figure(result.brier),
      figure(result.ece),
      figure(result.binarisedPrAuc),
    ]);
  }
  return table.toString();
}
