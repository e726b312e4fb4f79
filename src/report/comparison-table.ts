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

export const SIGNIFICANT = 0.05;

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
 * Its title counts the tests of each family.
 * @param withSeeds whether each seed has its line
 */
export function comparisonTable(comparisons: readonly Comparison[], withSeeds: boolean): Table {
  const families = new Map(
    comparisons.map(({ dataset, task, family }) => [`${dataset}, ${task}`, family]),
  );
  const counts = [...families].map(([place, family]) => `${family} on ${place}`);
  return {
    title: `Paired tests: ${counts.join("; ")}`,
    columns: COLUMNS,
    rows: comparisons.flatMap((comparison) => linesOf(comparison, withSeeds)),
    notes: [],
  };
}

/** How tables of these comparisons are read. */
export function comparisonNotes(comparisons: readonly Comparison[], withSeeds: boolean): string[] {
  const isAny = (holds: (comparison: Comparison) => boolean) => comparisons.some(holds);
  const notes = [
    "Difference: the first's figure minus the second's on the same trials, with its 95 % interval over trials. p: DeLong's test of ROC-AUC, of PR-AUC the difference in standard errors of the paired bootstrap, both two-sided.",
    isAny(({ bySeed }) => bySeed.length > 1) &&
      "Of several seeds, tested one by one: the mean difference, its standard error (SE) over seeds, and the median p (of one-sided ones, so that seeds whose differences contradict each other are no evidence). The SE is the noise of drawing and training, p tells of that of so few trials.",
    isAny(({ ensemble }) => ensemble !== null) &&
      "Ensemble: the scores averaged over seeds, where both methods have the same. Such an average is often better than its single seeds, and is no figure of one of them.",
    "Holm p: corrected for the family, which is all tests of one task on one data set, its settings together. What enters it is the p of the ensemble or of the only seed, else twice the median p, which is a p-value however seeds depend on each other. Bold: significant at .05 after that.",
    withSeeds &&
      isAny(({ bySeed }) => bySeed.length > 1) &&
      "Lines of single seeds show how stable a difference is. They are not in the family.",
  ];
  return notes.filter((note) => note !== false);
}

function linesOf(comparison: Comparison, withSeeds: boolean): TableRow[] {
  const { first, second, ensemble, bySeed, overSeeds, adjusted } = comparison;
  const main = mainTests(comparison);
  const seeds = numbersText(bySeed.map(({ seed }) => seed));
  const what = ensemble ? "ensembles of seeds" : bySeed.length === 1 ? "seed" : "mean of seeds";
  return [
    tableRow(
      [
        contestText(comparison),
        `${first.title} − ${second.title}\n${what} ${seeds}`,
        ...TESTED.flatMap((figure) => [...testCells(main[figure]), pText(adjusted[figure])]),
      ],
      TESTED.flatMap((figure, i) =>
        adjusted[figure] <= SIGNIFICANT ? [2 + 3 * i, 4 + 3 * i] : [],
      ),
    ),
    ...(ensemble ? [lineOf(`mean of seeds ${seeds}`, overSeeds)] : []),
    ...(withSeeds && bySeed.length > 1 ? bySeed.map((of) => lineOf(`seed ${of.seed}`, of)) : []),
  ];
}

type Main = Readonly<Record<Tested, Test | OverSeeds>>;

/** What the family's p-values are of: the ensembles or the only seed, else the mean of seeds. */
export const mainTests = ({ ensemble, bySeed, overSeeds }: Comparison): Main =>
  ensemble ?? (bySeed.length === 1 ? bySeed[0]! : overSeeds);

/** A line outside of the family. */
const lineOf = (name: string, tests: Main): TableRow =>
  tableRow(["", name, ...TESTED.flatMap((figure) => [...testCells(tests[figure]), NONE])]);

function testCells(test: Test | OverSeeds): string[] {
  const p = "p" in test ? test.p : test.medianP;
  const figures = `(${figureText(test.first)} − ${figureText(test.second)})`;
  return [`${differenceText(test)}\n${figures}`, pText(p)];
}

/** A difference with its interval over trials, or with its standard error over seeds. */
export function differenceText(test: Test | OverSeeds): string {
  const difference = figureText(test.difference);
  if ("interval" in test) return `${difference} ${intervalText(test.interval)}`;
  const { standardError } = test;
  return standardError === null ? difference : `${difference}, SE ${figureText(standardError)}`;
}
