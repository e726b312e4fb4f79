import { groupBy } from "../base/group.js";
import type { Task } from "../benchmark/result.js";
import {
  contestKey,
  contestText,
  type Figure,
  type Row,
  settingsText,
  spread,
} from "./aggregate.js";
import { ALL_POSITIVE, withAllPositive } from "./all-positive.js";
import { byFigure } from "./contenders.js";
import { labelFreeTexts } from "./label-free.js";
import {
  type PublishedPhase,
  type PublishedRow,
  publishedOf,
  SOURCES,
  type Source,
} from "./published.js";
import {
  countText,
  intervalText,
  NONE,
  number,
  numbersText,
  spreadText,
  type Table,
  type TableRow,
  tableRow,
  text,
} from "./table.js";

export const FIGURE_TITLES: Readonly<Record<Figure, string>> = {
  prAuc: "PR-AUC",
  rocAuc: "ROC-AUC",
  f1: "F1",
  accuracy: "accuracy",
  brier: "Brier",
  ece: "ECE",
  logLoss: "log loss",
};

const COLUMNS = Object.keys(FIGURE_TITLES) as Figure[];
const LOWER_IS_BETTER: ReadonlySet<Figure> = new Set(["brier", "ece", "logLoss"]);

const MEASURED =
  "Mean ± standard deviation over seeds, which vary the fitting (pre-training too only where the configuration does not fix it); in brackets the 95 % bootstrap interval over trials. Bold: the best measured.";

const UNANSWERED =
  "Trials that a language model gave no probability for count as .500: where they are many, its figures tell little of it.";

/**
 * Tables of all figures, one for each data set and task, with the all-positive row first, then the
 * methods by falling ROC-AUC, then what others have published. Few-shot results stand by shots and
 * those of new diseases by chapter, one table a figure, if there are several. Figures that no method has but the all-positive
 * row, which has them all, are left out.
 * @param all rows of other tasks, too: what was had without labels is told beside few-shot results
 */
export function resultsTables(rows: readonly Row[], all: readonly Row[] = rows): Table[] {
  const byTask = groupBy(withAllPositive(rows), ({ dataset, task }) => `${dataset}, ${task}`);
  return [...byTask].flatMap(([title, ofTask]) => {
    switch (ofTask[0]!.task) {
      case "few-shot":
        return told(["prAuc", "rocAuc"], ofTask).map((figure) =>
          shotsTable(title, ofTask, figure, all),
        );
      case "new-disease":
        if (new Set(ofTask.map(contestKey)).size === 1) return [contestTable(ofTask)];
        return told(["rocAuc", "prAuc", "accuracy"], ofTask).map((figure) =>
          chaptersTable(title, ofTask, figure),
        );
      default:
        return [...groupBy(ofTask, contestKey).values()].map(contestTable);
    }
  });
}

/** The figures that one of the rows has, the all-positive one aside unless it is alone. */
function told<Told extends Figure>(
  figures: readonly Told[],
  rows: readonly Row[],
  published: readonly PublishedRow[] = [],
): Told[] {
  const others = rows.filter(({ method }) => method !== ALL_POSITIVE);
  return figures.filter(
    (figure) =>
      (others.length > 0 ? others : rows).some((row) => row.figures[figure] !== null) ||
      published.some((row) => publishedFigure(row, figure) !== null),
  );
}

/** One line a method, one column a figure. */
function contestTable(contest: readonly Row[]): Table {
  const { task, n, positives } = contest[0]!;
  const rows = contest.toSorted((a, b) => rank(b) - rank(a));
  const phase = publishedOf(contest.flatMap(({ cells }) => cells));
  const published = publishedRows(phase, task);
  const figures = told(COLUMNS, rows, published);
  const bold = figures.map((figure) => bestOf(rows, figure));
  return {
    title: `${contestText(contest[0]!)}: ${countText(n)} trials, ${countText(positives)} successful`,
    columns: [
      text("method"),
      number("seeds"),
      ...figures.map((figure) => number(FIGURE_TITLES[figure])),
    ],
    rows: [
      ...rows.map((row) =>
        tableRow(
          [
            titleText(row),
            numbersText(row.cells.map(({ seed }) => seed)) || NONE,
            ...figures.map((figure) => cellText(row, figure)),
          ],
          figures.flatMap((_, i) => (bold[i]!.has(row) ? i + 2 : [])),
        ),
      ),
      ...published.map((row) => publishedLine(row, figures)),
    ],
    notes: [
      MEASURED,
      ...(rows.some(({ unanswered }) => unanswered > 0) ? [UNANSWERED] : []),
      ...publishedNotes(phase, published, n),
    ],
  };
}

/** The method, and how many trials it answered for where it did not for all. */
function titleText({ title, n, unanswered }: Row): string {
  return unanswered > 0
    ? `${title}\n${countText(n - unanswered)} of ${countText(n)} trials answered`
    : title;
}

/** The all-positive row before all others. */
const rank = ({ method, figures }: Row): number =>
  method === ALL_POSITIVE ? Number.POSITIVE_INFINITY : (figures.rocAuc?.mean ?? 0);

function cellText({ figures, interval }: Row, figure: Figure): string {
  const mean = spreadText(figures[figure]);
  const bounds = (figure === "prAuc" || figure === "rocAuc") && interval?.[figure];
  return bounds ? `${mean}\n${intervalText(bounds)}` : mean;
}

/** The rows whose figure is the best, as far as three decimals tell; none where there is no other. */
function bestOf(rows: readonly Row[], figure: Figure): ReadonlySet<Row> {
  const known = rows.filter((row) => row.figures[figure] !== null);
  if (known.length < 2) return new Set();
  const shown = (row: Row) => Number(row.figures[figure]!.mean.toFixed(3));
  const values = known.map(shown);
  const best = LOWER_IS_BETTER.has(figure) ? Math.min(...values) : Math.max(...values);
  return new Set(known.filter((row) => shown(row) === best));
}

/** The rows of each method: the all-positive one's, then the others' by their mean figure. */
function methodsOf(rows: readonly Row[], figure: Figure): (readonly Row[])[] {
  const all = [...groupBy(rows, ({ method }) => method).values()];
  const isFirst = ([row]: readonly Row[]) => row!.method === ALL_POSITIVE;
  return [
    ...all.filter(isFirst),
    ...byFigure(
      all.filter((own) => !isFirst(own)),
      figure,
    ),
  ];
}

/** One line a method, one column a number of shots. */
function shotsTable(
  title: string,
  rows: readonly Row[],
  figure: "prAuc" | "rocAuc",
  all: readonly Row[],
): Table {
  const { dataset } = rows[0]!;
  const byShots = [...groupBy(rows, ({ settings }) => settingsText(settings))];
  const bold = byShots.map(([, contest]) => bestOf(contest, figure));
  return {
    title: `${title}: ${FIGURE_TITLES[figure]} by training trials of either outcome`,
    columns: [text("method"), ...byShots.map(([shots]) => number(shots))],
    rows: methodsOf(rows, figure).map((own) => {
      const found = byShots.map(([, contest]) => contest.find((row) => own.includes(row)));
      return tableRow(
        [own[0]!.title, ...found.map((row) => (row ? cellText(row, figure) : NONE))],
        found.flatMap((row, i) => (row && bold[i]!.has(row) ? i + 1 : [])),
      );
    }),
    notes: [
      "Mean ± standard deviation over draws of the training trials; in brackets the 95 % bootstrap interval over the trials scored, the mean of the draws' bounds. Bold: the best.",
      ...labelFreeTexts(
        all.filter((row) => row.dataset === dataset),
        figure,
      ),
    ],
  };
}

/** One line a chapter of ICD-10 that was left out of training, one column a method, and their means. */
function chaptersTable(title: string, rows: readonly Row[], figure: Figure): Table {
  const byMethod = methodsOf(rows, figure).filter((own) => told([figure], own).length > 0);
  const lines = [...groupBy(rows, contestKey).values()].map((contest) => {
    const { settings, n, positives } = contest[0]!;
    const found = byMethod.map((own) => contest.find((row) => own.includes(row)));
    const bold = bestOf(contest, figure);
    return tableRow(
      [
        settingsText(settings),
        countText(n),
        countText(positives),
        ...found.map((row) => (row ? cellText(row, figure) : NONE)),
      ],
      found.flatMap((row, i) => (row && bold.has(row) ? i + 3 : [])),
    );
  });
  const means = byMethod.map((own) =>
    spreadText(spread(own.map((row) => row.figures[figure]?.mean ?? null))),
  );
  return {
    title: `${title}: ${FIGURE_TITLES[figure]} on a chapter of diseases that training had not seen`,
    columns: [
      text("left out"),
      number("trials"),
      number("successful"),
      ...byMethod.map(([row]) => number(row!.title)),
    ],
    rows: [...lines, tableRow(["mean ± standard deviation of the lines", NONE, NONE, ...means])],
    notes: [
      "Mean ± standard deviation over seeds; in brackets the 95 % bootstrap interval over trials. Bold: the best of the line.",
    ],
  };
}

function publishedRows(phase: PublishedPhase | undefined, task: Task): readonly PublishedRow[] {
  if (task === "supervised") return phase?.rows ?? [];
  return task === "ablation" ? (phase?.ablations ?? []) : [];
}

const publishedFigure = (row: PublishedRow, figure: Figure) =>
  figure === "prAuc" || figure === "rocAuc" || figure === "f1" ? row[figure] : null;

function publishedLine(row: PublishedRow, figures: readonly Figure[]): TableRow {
  const cells = figures.map((figure) => spreadText(publishedFigure(row, figure)));
  const marks = row.sources.map((source) => `[${source}]`).join("");
  return { ...tableRow([`† ${row.title} ${marks}`, NONE, ...cells]), isPublished: true };
}

function publishedNotes(
  phase: PublishedPhase | undefined,
  rows: readonly PublishedRow[],
  n: number,
): string[] {
  if (phase === undefined || rows.length === 0) return [];
  const [, trials] = phase.test;
  const same = n === trials ? "as above" : `not the ${countText(n)} above: do not compare directly`;
  return [
    `† Published figures on the official test split, ${countText(trials)} trials, ${same}. ${sourcesText(rows.flatMap(({ sources }) => sources))}`,
    ...rows.flatMap(({ title, note }) => (note ? [`${title}: ${note}.`] : [])),
  ];
}

/** What the marks of published rows mean. */
export function sourcesText(sources: readonly Source[]): string {
  return `${[...new Set(sources)].map((source) => `[${source}] ${SOURCES[source]}`).join("; ")}.`;
}
