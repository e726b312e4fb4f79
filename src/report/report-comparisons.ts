/** The report's sections on what the differences are worth; undefined where our method was not run. */
import { minimalDifference, plannedStandardError } from "../evaluation/index.js";
import type { Row } from "./aggregate.js";
import { type Comparison, OURS } from "./compare.js";
import { comparisonTable } from "./comparison-table.js";
import type { Section } from "./document.js";
import { PUBLISHED } from "./published.js";
import { sourcesText } from "./results-table.js";
import { countText, figureText, NONE, number, type TableRow, tableRow, text } from "./table.js";

export function comparisonSection(comparisons: readonly Comparison[]): Section | undefined {
  if (comparisons.length === 0) return undefined;
  return {
    title: "Our method against the others",
    text: [
      "Every method that was scored on the same trials, in one family over all data sets, tasks and settings. A positive difference is in favour of our method.",
    ],
    parts: [{ tables: [comparisonTable(comparisons)], charts: [] }],
  };
}

/** Correlation of two methods' ROC-AUC that plans assume. */
const CORRELATION = 0.5;

/** How large a difference each data set can show. */
export function resolutionSection(
  rows: readonly Row[],
  comparisons: readonly Comparison[],
): Section | undefined {
  const ours = rows.filter(({ method, task }) => method === OURS && task === "supervised");
  if (ours.length === 0) return undefined;
  const table = {
    title: "Minimal detectable difference in ROC-AUC, supervised",
    columns: [
      text("data set"),
      number("trials"),
      number("successful"),
      number("ROC-AUC\nof our method"),
      number("planned"),
      number("against the\nstrongest baseline"),
      number("† published [R]\non the test split"),
    ],
    rows: ours.map((row) => resolutionLine(row, comparisons)),
    notes: [
      `Planned: two methods of that ROC-AUC whose estimates correlate at ${figureText(CORRELATION)} (Hanley and McNeil 1983). Against the strongest baseline: by DeLong's standard error of the difference. ${sourcesText(["R"])}`,
    ],
  };
  return {
    title: "Differences that can be seen",
    text: [
      "The smallest true difference in ROC-AUC that a two-sided test at .05 finds with a power of .8. Smaller ones among the results above are within the noise of so many trials.",
    ],
    parts: [{ tables: [table], charts: [] }],
  };
}

function resolutionLine(row: Row, comparisons: readonly Comparison[]): TableRow {
  const { dataset, n, positives, figures } = row;
  const plan = {
    positives,
    negatives: n - positives,
    rocAuc: figures.rocAuc!.mean,
    correlation: CORRELATION,
  };
  const [strongest] = comparisons
    .filter(({ first }) => first === row)
    .sort((a, b) => b.mean.rocAuc.second - a.mean.rocAuc.second);
  const published = PUBLISHED[dataset];
  return tableRow([
    dataset,
    countText(n),
    countText(positives),
    figureText(plan.rocAuc),
    figureText(minimalDifference(plannedStandardError(plan))),
    strongest
      ? `${figureText(minimalDifference(strongest.mean.rocAuc.standardError))}\n${strongest.second.title}`
      : NONE,
    published
      ? `${figureText(published.minimalDifference)}\n${countText(published.trials)} trials`
      : NONE,
  ]);
}
