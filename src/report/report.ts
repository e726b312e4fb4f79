import { join } from "node:path";
import { writeWhole } from "../base/file.js";
import type { Watcher } from "../base/watcher.js";
import { aggregate, type Row } from "./aggregate.js";
import { compareWithReferences } from "./compare.js";
import type { Document, Section } from "./document.js";
import { ScoreReader } from "./mean-scores.js";
import { publishedOf } from "./published.js";
import { type Results, readResults } from "./read-results.js";
import { comparisonSection, resolutionSection } from "./report-comparisons.js";
import { pageOf } from "./report-html.js";
import { markdownOf } from "./report-markdown.js";
import { failuresSection, filesSection, llmSection } from "./report-runs.js";
import {
  ablationSection,
  fewShotSection,
  newDiseaseSection,
  subgroupSection,
  supervisedSection,
  zeroShotSection,
} from "./report-tasks.js";
import { verdictSection } from "./report-verdict.js";
import { countText, NONE, numbersText } from "./table.js";

const HOW_TO_READ = [
  "PR-AUC is the average precision of scores, ROC-AUC the chance that a success outranks a failure. F1 and accuracy are of yes/no decisions at a threshold taken from validation trials. Brier score, expected calibration error (ECE) and log loss are of probabilities; there, lower is better. PR-AUC, F1 and accuracy grow with the share of successes: read them beside the row of predicting success always.",
  "± is the standard deviation over seeds. They vary the fitting of a method: of ours fine-tuning, and pre-training too only where the configuration does not fix its seed. In few-shot learning they also draw the training trials. Brackets hold the 95 % bootstrap interval over trials (1,000 resamples; the mean of the seeds' bounds). The first is the noise of training, the second that of so few trials, and the larger.",
  "Thresholds and stopping points come from validation trials.",
] as const;

/** What was chosen for all is told in this repository, of TOP alone. */
const ON_TOP =
  "What else was chosen on TOP, and on which of its trials, is told in docs/results.md.";

/** The file of the language encoder's weights. */
const ENCODER = "model.safetensors";

/**
 * Writes `report.html`, one page without scripts or other files, and `report.md` into the folder of
 * a benchmark. Every other method is tested against its task's reference, which takes minutes on a large grid.
 * @returns the path of the page
 * @throws InputError if a file of the folder is missing or malformed, Interrupted if the watcher stops it
 */
export function writeReport(folder: string, watcher?: Watcher): string {
  const document = documentOf(readResults(folder), watcher);
  const page = join(folder, "report.html");
  writeWhole(page, pageOf(document));
  writeWhole(join(folder, "report.md"), markdownOf(document));
  return page;
}

function documentOf(results: Results, watcher?: Watcher): Document {
  const rows = aggregate(results.cells);
  const reader = new ScoreReader(results.folder);
  const comparisons = compareWithReferences(rows, reader, watcher);
  const sections = [
    {
      title: "How to read this",
      text: publishedOf(results.cells) ? [...HOW_TO_READ, ON_TOP] : HOW_TO_READ,
      facts: factsOf(results, rows),
      parts: [],
    },
    supervisedSection(rows, reader),
    zeroShotSection(rows),
    fewShotSection(rows),
    newDiseaseSection(rows),
    ablationSection(rows),
    subgroupSection(rows),
    comparisonSection(comparisons),
    resolutionSection(rows, comparisons),
    llmSection(results),
    failuresSection(results),
    filesSection(results),
  ];
  return {
    title: "Predicting the outcome of clinical trials: benchmark",
    verdict: verdictSection(results, rows, comparisons),
    sections: sections.filter((section) => section !== undefined),
  };
}

function factsOf(results: Results, rows: readonly Row[]): NonNullable<Section["facts"]> {
  const { cells, failures, grid, written } = results;
  const distinct = (values: readonly string[]) => [...new Set(values)];
  const seeds = [...new Set(cells.map(({ seed }) => seed))].sort((a, b) => a - b);
  const hours = cells.reduce((sum, { seconds }) => sum + seconds, 0) / 3600;
  const ours = distinct(rows.flatMap(({ ours, title }) => (ours ? [title] : [])));
  const references = distinct(
    rows.flatMap(({ reference, task, title }) => (reference ? [`${task}: ${title}`] : [])),
  );
  const datasets = distinct(cells.map(({ dataset, scored }) => `${dataset}: ${scored}`));
  const encoders = distinct(cells.flatMap(({ data }) => data[ENCODER] ?? []));
  return [
    ["Results as of", written.toISOString().slice(0, 16).replace("T", " ").concat(" UTC")],
    ["Our methods", ours.join("; ") || NONE],
    ["References", references.join("; ") || NONE],
    ["Scored trials", datasets.join("\n")],
    ["Encoder", encoders.map((hash) => `${ENCODER}, SHA-256 ${hash}`).join("\n") || NONE],
    ["Seeds", numbersText(seeds)],
    [
      "Cells",
      `${countText(cells.length)}${grid ? ` of ${countText(grid.cells)}` : ""} cells, ${distinct(rows.map(({ method }) => method)).length} methods, ${failures.length} failed`,
    ],
    ["Computing", `${hours.toFixed(1)} hours, without those of encoding and pre-training`],
  ];
}
