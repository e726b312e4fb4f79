import { contestText } from "./aggregate.js";
import type { Comparison } from "./compare.js";
import { type OverSeeds, TESTED, type Test, type Tested } from "./paired-tests.js";
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

/**
 * The comparisons, in up to three parts each: the ensembles of seeds, the mean of single seeds, each seed.
 * @param withSeeds whether each seed has its line
 */
export function comparisonTable(
  comparisons: readonly Comparison[],
  { withSeeds }: { readonly withSeeds: boolean },
): Table {
  const tests = TESTED.length * comparisons.length;
  const isAny = (holds: (comparison: Comparison) => boolean) => comparisons.some(holds);
  const notes = [
    "Difference: the first's figure minus the second's on the same trials, with its 95 % interval over trials. p: DeLong's test of ROC-AUC, of PR-AUC the difference in standard errors of the paired bootstrap, both two-sided.",
    isAny(({ bySeed }) => bySeed.length > 1) &&
      "Of several seeds, tested one by one: the mean difference, its standard error (SE) over seeds, and the median p (of one-sided ones, so that seeds whose differences contradict each other are no evidence). The SE is the noise of drawing and training, p tells of that of so few trials.",
    isAny(({ ensemble }) => ensemble !== null) &&
      "Ensemble: the scores averaged over seeds, where both methods have the same. Such an average is often better than its single seeds, and is no figure of one of them.",
    `Holm p: corrected for the ${tests} tests of the family. What enters it is the p of the ensemble or of the only seed, else twice the median p, which is a p-value however seeds depend on each other. Bold: significant at .05 after that.`,
    withSeeds &&
      isAny(({ bySeed }) => bySeed.length > 1) &&
      "Lines of single seeds show how stable a difference is. They are not in the family.",
  ];
  return {
    title: `Paired comparisons, a family of ${tests} tests`,
    columns: COLUMNS,
    rows: comparisons.flatMap((comparison) => linesOf(comparison, withSeeds)),
    notes: notes.filter((note) => note !== false),
  };
}

function linesOf(comparison: Comparison, withSeeds: boolean): TableRow[] {
  const { first, second, ensemble, bySeed, adjusted } = comparison;
  const seeds = numbersText(bySeed.map(({ seed }) => seed));
  const isSingle = bySeed.length === 1;
  const tests = ensemble ?? (isSingle ? bySeed[0]! : undefined);
  const mean = (figure: Tested) => meanCells(comparison.overSeeds[figure]);
  const what = ensemble ? "ensembles of seeds" : isSingle ? "seed" : "mean of seeds";
  return [
    tableRow(
      [
        contestText(comparison),
        `${first.title} − ${second.title}\n${what} ${seeds}`,
        ...TESTED.flatMap((figure) => [
          ...(tests ? testCells(tests[figure]) : mean(figure)),
          pText(adjusted[figure]),
        ]),
      ],
      TESTED.flatMap((figure, i) =>
        adjusted[figure] <= SIGNIFICANT ? [2 + 3 * i, 4 + 3 * i] : [],
      ),
    ),
    ...(ensemble ? [lineOf(`mean of seeds ${seeds}`, mean)] : []),
    ...(withSeeds && !isSingle
      ? bySeed.map((of) => lineOf(`seed ${of.seed}`, (figure) => testCells(of[figure])))
      : []),
  ];
}

/** A line outside of the family. */
const lineOf = (name: string, cells: (figure: Tested) => readonly string[]): TableRow =>
  tableRow(["", name, ...TESTED.flatMap((figure) => [...cells(figure), NONE])]);

function testCells({ difference, interval, p, ...figures }: Test): string[] {
  return [`${figureText(difference)} ${intervalText(interval)}\n${figuresText(figures)}`, pText(p)];
}

function meanCells({ difference, standardError, medianP, ...figures }: OverSeeds): string[] {
  const error = standardError === null ? "" : `, SE ${figureText(standardError)}`;
  return [`${figureText(difference)}${error}\n${figuresText(figures)}`, pText(medianP)];
}

const figuresText = ({ first, second }: Pick<Test, "first" | "second">): string =>
  `(${figureText(first)} − ${figureText(second)})`;
