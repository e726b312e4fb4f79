/** The report's sections on what the differences are worth; undefined where no reference was run. */
import { minimalDifference, plannedStandardError } from "../evaluation/index.js";
import { type Row, spread, TOLD } from "./aggregate.js";
import type { Comparison } from "./compare.js";
import { comparisonNotes, comparisonTable } from "./comparison-table.js";
import { contendersOf } from "./contenders.js";
import type { Section } from "./document.js";
import { publishedOf } from "./published.js";
import { sourcesText } from "./results-table.js";
import { countText, figureText, NONE, number, tableRow, text } from "./table.js";

export function comparisonSection(comparisons: readonly Comparison[]): Section | undefined {
  if (comparisons.length === 0) return undefined;
  return {
    title: "References against the others",
    text: [
      "The reference of each task against every other method that was scored on the same trials. In ablations it is the full model. A positive difference is in favour of the reference.",
      ...comparisonNotes(comparisons, false),
    ],
    parts: TOLD.flatMap((task) => {
      const own = comparisons.filter((comparison) => comparison.task === task);
      if (own.length === 0) return [];
      return [{ tables: [comparisonTable(own, false)], charts: [] }];
    }),
  };
}

/** Correlation of two methods' ROC-AUC that plans assume. */
const CORRELATION = 0.5;

/** How large a difference each data set can show. */
export function resolutionSection(
  rows: readonly Row[],
  comparisons: readonly Comparison[],
): Section | undefined {
  const references = rows.filter(({ reference, task }) => reference && task === "supervised");
  if (references.length === 0) return undefined;
  const isPublished = references.some(({ cells }) => publishedOf(cells));
  const table = {
    title: "Minimal detectable difference in ROC-AUC, supervised",
    columns: [
      text("data set"),
      number("trials"),
      number("successful"),
      number("ROC-AUC\nof the reference"),
      number("planned"),
      number("against the\nstrongest baseline"),
      ...(isPublished ? [number("† published [R]\non the test split")] : []),
    ],
    rows: references.map((row) =>
      tableRow([
        ...resolutionCells(row, comparisons),
        ...(isPublished ? [publishedCell(row)] : []),
      ]),
    ),
    notes: [
      `Planned: two methods of that ROC-AUC whose estimates correlate at ${figureText(CORRELATION)} (Hanley and McNeil 1983). Against the strongest baseline, the first in the plots: by DeLong's standard error of the difference, the mean of the seeds.${isPublished ? ` ${sourcesText(["R"])}` : ""}`,
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

function publishedCell({ cells }: Row): string {
  const published = publishedOf(cells);
  if (published === undefined) return NONE;
  return `${figureText(published.minimalDifference)}\n${countText(published.test[1])} trials`;
}

function resolutionCells(row: Row, comparisons: readonly Comparison[]): string[] {
  const { dataset, n, positives, figures } = row;
  const plan = {
    positives,
    negatives: n - positives,
    rocAuc: figures.rocAuc!.mean,
    correlation: CORRELATION,
  };
  const rivals = comparisons.filter(({ first }) => first === row);
  const [strongest] = contendersOf(rivals.map(({ second }) => second)).others.flat();
  const error = spread(
    rivals
      .filter(({ second }) => second === strongest)
      .flatMap(({ bySeed }) => bySeed.map(({ rocAuc }) => rocAuc.standardError)),
  );
  return [
    dataset,
    countText(n),
    countText(positives),
    figureText(plan.rocAuc),
    figureText(minimalDifference(plannedStandardError(plan))),
    strongest && error ? `${figureText(minimalDifference(error.mean))}\n${strongest.title}` : NONE,
  ];
}
