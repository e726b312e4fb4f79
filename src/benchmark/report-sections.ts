/** What stands in the report, one function a section; undefined where nothing was run for it. */
import { groupBy } from "../base/record.js";
import { minimalDifference, plannedStandardError } from "../evaluation/index.js";
import { type Row, settingsText } from "./aggregate.js";
import { ALL_POSITIVE } from "./all-positive.js";
import type { Chart } from "./chart.js";
import {
  barChart,
  decisionChart,
  fewShotChart,
  precisionRecallChart,
  reliabilityChart,
  rocChart,
} from "./charts.js";
import { type Comparison, OURS } from "./compare.js";
import { comparisonTable } from "./comparison-table.js";
import type { Section } from "./document.js";
import type { ScoreReader } from "./mean-scores.js";
import { PUBLISHED } from "./published.js";
import type { Results } from "./read-results.js";
import type { Task } from "./result.js";
import { resultsTables, sourcesText } from "./results-table.js";
import { subgroupTable } from "./subgroup-table.js";
import {
  countText,
  figureText,
  NONE,
  number,
  spreadText,
  type Table,
  tableRow,
  text,
} from "./table.js";

/** Baselines beside our method in plots of curves. */
const RIVALS = 3;

export function supervisedSection(rows: readonly Row[], reader: ScoreReader): Section | undefined {
  return taskSection(rows, "supervised", {
    title: "Supervised",
    text: "Fitted on the training trials; stopping and thresholds from the validation trials. The curves are of scores averaged over seeds.",
    chartsOf: (dataset, own) => curves(dataset, own, reader),
  });
}

function curves(dataset: string, rows: readonly Row[], reader: ScoreReader): Chart[] {
  const shown = contenders(rows).map((row) => ({ name: row.title, ...reader.mean(row) }));
  const probable = shown.filter(({ areProbabilities }) => areProbabilities);
  return [
    rocChart(dataset, shown),
    precisionRecallChart(dataset, shown),
    ...(probable.length > 0
      ? [reliabilityChart(dataset, probable), decisionChart(dataset, probable)]
      : []),
  ];
}

/** Our method and the strongest of the others. */
function contenders(rows: readonly Row[]): Row[] {
  const ours = rows.filter(({ method }) => method === OURS);
  const others = rows
    .filter(({ method }) => method !== OURS && method !== ALL_POSITIVE)
    .sort((a, b) => b.figures.rocAuc!.mean - a.figures.rocAuc!.mean);
  return [...ours, ...others.slice(0, RIVALS)];
}

export function zeroShotSection(rows: readonly Row[]): Section | undefined {
  return taskSection(rows, "zero-shot", {
    title: "Zero-shot",
    text: "Ranking without training on outcomes, but for base rates, which read the training trials' labels. Error bars are 95 % bootstrap intervals over trials.",
    chartsOf: (dataset, own) => bars(`Zero-shot, ${dataset}`, own, "interval"),
  });
}

export function ablationSection(rows: readonly Row[]): Section | undefined {
  return taskSection(rows, "ablation", {
    title: "Ablations",
    text: "Our method with parts changed or left out. Error bars are one standard deviation over seeds.",
    chartsOf: (dataset, own) => bars(`Ablations, ${dataset}`, own, "deviation"),
  });
}

function bars(title: string, rows: readonly Row[], error: "interval" | "deviation"): Chart[] {
  const { n, positives } = rows[0]!;
  return [
    barChart(`${title}: ROC-AUC`, "rocAuc", rows, 0.5, error),
    barChart(`${title}: PR-AUC`, "prAuc", rows, positives / n, error),
  ];
}

export function fewShotSection(rows: readonly Row[]): Section | undefined {
  return taskSection(rows, "few-shot", {
    title: "Few-shot",
    text: "Fitted on a few training trials of either outcome, drawn anew for each seed, without validation trials.",
    chartsOf: (dataset, own) => {
      const { n, positives } = own[0]!;
      return [
        fewShotChart(dataset, "rocAuc", own, 0.5),
        fewShotChart(dataset, "prAuc", own, positives / n),
      ];
    },
  });
}

/** Kinds of groups that tell whether training had seen a trial's diseases or drugs. */
const NOVELTY: readonly string[] = ["disease", "drug"];

export function newDiseaseSection(rows: readonly Row[]): Section | undefined {
  const leftOut = rows.filter(({ task }) => task === "new-disease");
  const novelty = subgroupTables(rows, (kind) => NOVELTY.includes(kind));
  if (leftOut.length + novelty.length === 0) return undefined;
  const datasets = [...new Set(rows.map(({ dataset }) => dataset))];
  return {
    title: "New diseases and new drugs",
    text: [
      "First with a chapter of ICD-10 left out of training and validation and scored alone, then the supervised results by whether a trial shares a disease category or a molecule with a training trial.",
    ],
    charts: [],
    tables: [...resultsTables(leftOut), ...novelty, ...datasets.flatMap(publishedNewDisease)],
  };
}

function publishedNewDisease(dataset: string): Table[] {
  const published = PUBLISHED[dataset]?.newDisease ?? [];
  if (published.length === 0) return [];
  return [
    {
      title: `${dataset}: published accuracy on new diseases`,
      columns: [text("method"), number("accuracy")],
      rows: published.map(({ title, accuracy }) => ({
        ...tableRow([`† ${title}`, spreadText(accuracy)]),
        isPublished: true,
      })),
      notes: [
        `What counts as new there is not public in detail. ${sourcesText(published.flatMap(({ sources }) => sources))}`,
      ],
    },
  ];
}

export function subgroupSection(rows: readonly Row[]): Section | undefined {
  const tables = subgroupTables(rows, (kind) => !NOVELTY.includes(kind));
  if (tables.length === 0) return undefined;
  return {
    title: "Subgroups",
    text: [
      "Our method and the strongest baseline on parts of the trials, supervised. A trial with diseases of several chapters counts in each.",
    ],
    charts: [],
    tables,
  };
}

function subgroupTables(rows: readonly Row[], fits: (kind: string) => boolean): Table[] {
  const supervised = rows.filter(({ task }) => task === "supervised");
  return [...groupBy(supervised, ({ dataset }) => dataset).values()].flatMap((own) => {
    const shown = contenders(own).slice(0, 2);
    const kinds = new Set(shown.flatMap(({ subgroups }) => Object.keys(subgroups)));
    return [...kinds].filter(fits).map((kind) => subgroupTable(kind, shown));
  });
}

export function comparisonSection(comparisons: readonly Comparison[]): Section | undefined {
  if (comparisons.length === 0) return undefined;
  return {
    title: "Our method against the others",
    text: [
      "Every method that was scored on the same trials, in one family over all data sets, tasks and settings. A positive difference is in favour of our method.",
    ],
    charts: [],
    tables: [comparisonTable(comparisons)],
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
  const lines = ours.map((row) => {
    const { dataset, n, positives, figures } = row;
    const rocAuc = figures.rocAuc!.mean;
    const negatives = n - positives;
    const plan = { positives, negatives, rocAuc, correlation: CORRELATION };
    const planned = minimalDifference(plannedStandardError(plan));
    const [strongest] = comparisons
      .filter(({ first }) => first === row)
      .sort((a, b) => b.mean.rocAuc.second - a.mean.rocAuc.second);
    const published = PUBLISHED[dataset];
    return tableRow([
      dataset,
      countText(n),
      countText(positives),
      figureText(rocAuc),
      figureText(planned),
      strongest
        ? `${figureText(minimalDifference(strongest.mean.rocAuc.standardError))}\n${strongest.second.title}`
        : NONE,
      published
        ? `${figureText(published.minimalDifference)}\n${countText(published.trials)} trials`
        : NONE,
    ]);
  });
  return {
    title: "Differences that can be seen",
    text: [
      "The smallest true difference in ROC-AUC that a two-sided test at .05 finds with a power of .8. Smaller ones among the results above are within the noise of so many trials.",
    ],
    charts: [],
    tables: [
      {
        title: "Minimal detectable difference in ROC-AUC, supervised",
        columns: [
          text("data set"),
          number("trials"),
          number("successful"),
          number("ROC-AUC\nof our method"),
          number("planned"),
          number("against the\nstrongest baseline"),
          number("† published [R]\ntest split"),
        ],
        rows: lines,
        notes: [
          `Planned: two methods of that ROC-AUC whose estimates correlate at ${figureText(CORRELATION)} (Hanley and McNeil 1983). Against the strongest baseline: by DeLong's standard error of the difference. ${sourcesText(["R"])}`,
        ],
      },
    ],
  };
}

export function runsSection({ failures, remarks }: Results): Section {
  const table: Table = {
    title: "Failed runs",
    columns: [
      text("data set, task"),
      text("method"),
      number("seed"),
      text("what happened"),
      text("log"),
    ],
    rows: failures.map(({ dataset, task, settings, method, seed, message, log }) =>
      tableRow([
        [dataset, task, settingsText(settings)].filter(Boolean).join(", "),
        method,
        `${seed}`,
        message,
        log,
      ]),
    ),
    notes: [],
  };
  return {
    title: "Failures",
    text: [
      failures.length > 0
        ? `${failures.length} runs failed and are in no table above.`
        : "No run failed.",
      ...remarks,
    ],
    charts: [],
    tables: failures.length > 0 ? [table] : [],
  };
}

/** Everything that was read, by hash. */
export function filesSection({ cells }: Results): Section {
  const uses = cells.flatMap(({ data, dataset }) =>
    Object.entries(data).map(([file, hash]) => ({ file, hash, dataset })),
  );
  const byFile = [...groupBy(uses, ({ file, hash }) => `${file}\n${hash}`).values()];
  const rows = byFile.map((own) => {
    const { file, hash } = own[0]!;
    return tableRow([file, [...new Set(own.map(({ dataset }) => dataset))].join(", "), hash]);
  });
  const versions = [...groupBy(byFile, ([use]) => use!.file)].filter(([, own]) => own.length > 1);
  return {
    title: "Files",
    text: [
      "What the runs have read, by SHA-256.",
      ...versions.map(
        ([file, own]) =>
          `${file} was read in ${own.length} versions: rows may mix them. Run the benchmark in a new folder.`,
      ),
    ],
    charts: [],
    tables: [
      {
        title: "Data, encoder and vocabularies",
        columns: [text("file"), text("data sets"), text("SHA-256")],
        rows,
        notes: [],
      },
    ],
  };
}

function taskSection(
  rows: readonly Row[],
  task: Task,
  {
    title,
    text,
    chartsOf,
  }: {
    readonly title: string;
    readonly text: string;
    readonly chartsOf: (dataset: string, rows: readonly Row[]) => Chart[];
  },
): Section | undefined {
  const own = rows.filter((row) => row.task === task);
  if (own.length === 0) return undefined;
  const byDataset = groupBy(own, ({ dataset }) => dataset);
  return {
    title,
    text: [text],
    charts: [...byDataset].flatMap(([dataset, ofDataset]) => chartsOf(dataset, ofDataset)),
    tables: resultsTables(own),
  };
}
