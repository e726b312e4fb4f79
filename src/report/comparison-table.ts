import { contestText } from "./aggregate.js";
import type { Comparison, FamilyTest, Test } from "./compare.js";
import {
  figureText,
  intervalText,
  NONE,
  number,
  numbersText,
  pText,
  type Table,
  type TableRow,
  tableRow,
  text,
} from "./table.js";

const SIGNIFICANT = 0.05;

const COLUMNS = [
  text("data set, task"),
  text("first − second"),
  number("ROC-AUC\ndifference"),
  number("p"),
  number("Holm p"),
  number("PR-AUC\ndifference"),
  number("p"),
  number("Holm p"),
];

/** The comparisons, each followed by those of its seeds where there are any. */
export function comparisonTable(comparisons: readonly Comparison[]): Table {
  const tests = 2 * comparisons.length;
  return {
    title: `Paired comparisons, a family of ${tests} tests`,
    columns: COLUMNS,
    rows: comparisons.flatMap(linesOf),
    notes: [
      "Difference: the first's figure minus the second's on the same trials, with its 95 % interval. The scores are averaged over a method's seeds, which makes an ensemble of them: often better than the mean of its seeds. p: DeLong's test of ROC-AUC, paired bootstrap of PR-AUC, both two-sided.",
      `Holm p: corrected for the ${tests} tests of the family. Bold: significant at .05 after that.`,
      ...(comparisons.some(({ bySeed }) => bySeed.length > 0)
        ? ["Lines of single seeds show how stable a difference is. They are not in the family."]
        : []),
    ],
  };
}

function linesOf(comparison: Comparison): TableRow[] {
  const { first, second, mean, bySeed } = comparison;
  const seeds = [first, second].map(({ cells }) => numbersText(cells.map(({ seed }) => seed)));
  const bold = [mean.rocAuc, mean.prAuc].flatMap(({ adjusted }, i) =>
    adjusted <= SIGNIFICANT ? [2 + 3 * i, 4 + 3 * i] : [],
  );
  return [
    tableRow(
      [
        contestText(comparison),
        `${first.title} − ${second.title}\nseeds ${[...new Set(seeds)].join(" / ")}`,
        ...familyCells(mean.rocAuc),
        ...familyCells(mean.prAuc),
      ],
      bold,
    ),
    ...bySeed.map(({ seed, rocAuc, prAuc }) =>
      tableRow(["", `seed ${seed}`, ...testCells(rocAuc), NONE, ...testCells(prAuc), NONE]),
    ),
  ];
}

const familyCells = (test: FamilyTest): string[] => [...testCells(test), pText(test.adjusted)];

function testCells({ first, second, difference, interval, p }: Test): string[] {
  const figures = `${figureText(first)} − ${figureText(second)}`;
  return [`${figureText(difference)} ${intervalText(interval)}\n(${figures})`, pText(p)];
}
