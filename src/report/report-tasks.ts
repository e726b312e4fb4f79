/** The report's sections on each task; undefined where the task was not run. */
import { groupBy } from "../base/group.js";
import type { Task } from "../benchmark/result.js";
import type { Row } from "./aggregate.js";
import type { Chart } from "./chart.js";
import { CHOICE, contendersOf } from "./contenders.js";
import { decisionChart, precisionRecallChart, reliabilityChart, rocChart } from "./curve-charts.js";
import type { Section } from "./document.js";
import { STYLES } from "./draw.js";
import type { ScoreReader } from "./mean-scores.js";
import { publishedOf } from "./published.js";
import { resultsTables, sourcesText } from "./results-table.js";
import { barChart, fewShotChart } from "./row-charts.js";
import { LARGE_ENOUGH, subgroupTable } from "./subgroup-table.js";
import { number, spreadText, type Table, tableRow, text } from "./table.js";

/** Baselines beside our methods in plots of curves. */
const RIVALS = 3;

export function supervisedSection(rows: readonly Row[], reader: ScoreReader): Section | undefined {
  return taskSection(rows, "supervised", {
    title: "Supervised",
    text: `Fitted on the training trials; stopping and thresholds from the validation trials. The curves are of scores averaged over seeds, which makes an ensemble of them. ${CHOICE}`,
    chartsOf: (dataset, own) => curves(dataset, own, reader),
  });
}

function curves(dataset: string, rows: readonly Row[], reader: ScoreReader): Chart[] {
  const { ours, others } = contendersOf(rows);
  const methods = [...ours.slice(0, STYLES.length - RIVALS), ...others.slice(0, RIVALS)];
  const shown = methods
    .flat()
    .map((row) => ({ name: row.title, isOurs: row.ours, ...reader.mean(row) }));
  const probable = shown.filter(({ areProbabilities }) => areProbabilities);
  return [
    rocChart(dataset, shown),
    precisionRecallChart(dataset, shown),
    ...(probable.length > 0
      ? [reliabilityChart(dataset, probable), decisionChart(dataset, probable)]
      : []),
  ];
}

export function zeroShotSection(rows: readonly Row[]): Section | undefined {
  return taskSection(rows, "zero-shot", {
    title: "Zero-shot",
    text: "Ranking without training on outcomes; base rates alone read the training trials' labels. Error bars are 95 % bootstrap intervals over trials.",
    chartsOf: (dataset, own) => bars(`Zero-shot, ${dataset}`, own, "interval"),
  });
}

export function ablationSection(rows: readonly Row[]): Section | undefined {
  return taskSection(rows, "ablation", {
    title: "Ablations",
    text: "The full model and the same with parts changed or left out. Error bars are one standard deviation over seeds.",
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
  const leftOut = ofTask(rows, "new-disease");
  const novelty = byDataset(ofTask(rows, "supervised")).flatMap(([, own]) => {
    const { ours, others } = contendersOf(own);
    return subgroupTables([...ours, ...others].flat(), (kind) => NOVELTY.includes(kind));
  });
  if (leftOut.length + novelty.length === 0) return undefined;
  return {
    title: "New diseases and new drugs",
    text: [
      "First with a chapter of ICD-10 left out of training and validation and scored alone, then the supervised results by whether a trial shares a disease category or a molecule with a training trial.",
    ],
    parts: [
      {
        tables: [...resultsTables(leftOut), ...novelty, ...publishedNewDisease(rows)],
        charts: [],
      },
    ],
  };
}

function publishedNewDisease(rows: readonly Row[]): Table[] {
  const phases = byDataset(rows).flatMap(([dataset, own]) => {
    const phase = publishedOf(own.flatMap(({ cells }) => cells));
    return phase ? [{ dataset, published: phase.newDisease }] : [];
  });
  const published = phases.flatMap(({ published }) => published);
  if (published.length === 0) return [];
  return [
    {
      title: "Published accuracy on new diseases",
      columns: [text("method"), ...phases.map(({ dataset }) => number(dataset))],
      rows: [...groupBy(published, ({ title }) => title)].map(([title, own]) => ({
        ...tableRow([`† ${title}`, ...own.map(({ accuracy }) => spreadText(accuracy))]),
        isPublished: true,
      })),
      notes: [
        `What counts as new there is not public in detail. ${sourcesText(published.flatMap(({ sources }) => sources))}`,
      ],
    },
  ];
}

export function subgroupSection(rows: readonly Row[]): Section | undefined {
  const supervised = ofTask(rows, "supervised");
  const undated = byDataset(supervised).filter(([, own]) => !own.some(isDated));
  const tables = byDataset(supervised).flatMap(([, own]) => {
    const { ours, others } = contendersOf(own);
    return subgroupTables(
      [...ours.slice(0, 1), ...others.slice(0, 1)].flat(),
      (kind) => !NOVELTY.includes(kind) && (kind !== "year" || own.some(isDated)),
    );
  });
  if (supervised.length === 0) return undefined;
  return {
    title: "Subgroups",
    text: [
      `Our first method and the strongest baseline on parts of the trials, supervised. A trial with diseases of several chapters counts in each. ${LARGE_ENOUGH} Even the ROC-AUC of fifty has a standard error of some .08. ${CHOICE}`,
      ...(undated.length > 0
        ? [
            `Not by year on ${undated.map(([dataset]) => dataset).join(", ")}: the source gives no dates.`,
          ]
        : []),
    ],
    parts: [{ tables, charts: [] }],
  };
}

const isDated = ({ subgroups }: Row): boolean =>
  Object.keys(subgroups.year ?? {}).some((year) => year !== "unknown");

function subgroupTables(shown: readonly Row[], fits: (kind: string) => boolean): Table[] {
  const kinds = new Set(shown.flatMap(({ subgroups }) => Object.keys(subgroups)));
  return [...kinds].filter(fits).flatMap((kind) => subgroupTable(kind, shown) ?? []);
}

const ofTask = (rows: readonly Row[], task: Task): Row[] => rows.filter((row) => row.task === task);

const byDataset = (rows: readonly Row[]): [dataset: string, rows: Row[]][] => [
  ...groupBy(rows, ({ dataset }) => dataset),
];

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
  const datasets = byDataset(ofTask(rows, task));
  if (datasets.length === 0) return undefined;
  const parts = datasets.map(([dataset, own]) => ({
    tables: resultsTables(own, rows),
    charts: chartsOf(dataset, own),
  }));
  return { title, text: [text], parts };
}
