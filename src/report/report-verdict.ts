/** What the report says first: who is ahead, by how much, and what is missing. */
import { groupBy } from "../base/group.js";
import { type Row, settingsText, TOLD } from "./aggregate.js";
import type { Comparison } from "./compare.js";
import { differenceText, mainTests, SIGNIFICANT } from "./comparison-table.js";
import { CHOICE, type Match, matchOf } from "./contenders.js";
import type { Section } from "./document.js";
import type { Results } from "./read-results.js";
import { countText, NONE, number, numbersText, pText, tableRow, text } from "./table.js";

/** One line for each task and data set that was run or has failed. */
export function verdictSection(
  results: Results,
  rows: readonly Row[],
  comparisons: readonly Comparison[],
): Section {
  const byPlace = groupBy(rows, placeText);
  const places = groupBy([...rows, ...results.failures], placeText);
  const ordered = [...places.values()].sort(
    ([a], [b]) => TOLD.indexOf(a!.task) - TOLD.indexOf(b!.task),
  );
  const missing = incompleteOf(results);
  const unfinished = ordered.map(([place]) => unfinishedText(place!, results));
  const isAllDone = unfinished.every((cell) => cell === NONE);
  const table = {
    title: "Reference against the strongest baseline",
    columns: [
      text("task, data set"),
      number("difference\nin ROC-AUC"),
      number("Holm p"),
      text("finding"),
      text("reference"),
      text("strongest baseline"),
      ...(isAllDone ? [] : [number("unfinished")]),
    ],
    rows: ordered.map(([place], i) =>
      tableRow([
        placeText(place!),
        ...matchCells(matchOf(byPlace.get(placeText(place!)) ?? []), comparisons),
        ...(isAllDone ? [] : [unfinished[i]!]),
      ]),
    ),
    notes: [
      ...(missing.length > 0 ? [`Unfinished in the whole grid: ${missing.join("; ")}.`] : []),
      CHOICE,
      "Difference: the reference's ROC-AUC minus the other's, with its 95 % interval over trials, or, of draws and seeds that are not one ensemble, with its standard error (SE) over them. Of several settings the largest and the smallest difference. Better and worse: where p is at most .05 after Holm's correction for all tests of the same task and data set.",
    ],
  };
  return {
    title: "At a glance",
    text: [
      "The reference method of each task, which the configuration names, against the strongest baseline on the same trials; in ablations, against the strongest variant.",
    ],
    parts: [{ tables: [table], charts: [] }],
  };
}

type Place = Pick<Row, "task" | "dataset">;

const placeText = ({ task, dataset }: Place): string => `${task}, ${dataset}`;

/** From the difference to the strongest baseline. */
function matchCells(match: Match | undefined, comparisons: readonly Comparison[]): string[] {
  if (match === undefined) return [NONE, NONE, NONE, NONE, NONE];
  const { reference, rival = [] } = match;
  const met = comparisons
    .filter(({ first, second }) => reference.includes(first) && rival.includes(second))
    .sort((a, b) => differenceOf(b) - differenceOf(a));
  const shown = met.length > 1 ? [met[0]!, met.at(-1)!] : met;
  const lines = (textOf: (comparison: Comparison) => string) =>
    shown.map(textOf).join("\n") || NONE;
  return [
    lines((one) => {
      const difference = differenceText(mainTests(one).rocAuc);
      return met.length > 1 ? `${difference} at ${settingsText(one.settings)}` : difference;
    }),
    lines(({ adjusted }) => pText(adjusted.rocAuc)),
    findingText(met),
    methodText(reference),
    rival.length > 0 ? methodText(rival) : NONE,
  ];
}

const differenceOf = (comparison: Comparison): number => mainTests(comparison).rocAuc.difference;

/** Which of the two is ahead by more than noise, and in how many of several settings. */
function findingText(met: readonly Comparison[]): string {
  if (met.length === 0) return NONE;
  const clear = met.filter(({ adjusted }) => adjusted.rocAuc <= SIGNIFICANT);
  const better = clear.filter((one) => differenceOf(one) > 0).length;
  const worse = clear.length - better;
  if (clear.length === 0) return "no clear difference";
  if (met.length === 1) return better > 0 ? "better" : "worse";
  return `better ${better}, worse ${worse}\nof ${met.length}`;
}

function methodText(own: readonly Row[]): string {
  const seeds = new Set(own.flatMap(({ cells }) => cells.map(({ seed }) => seed)));
  const numbers = numbersText([...seeds].sort((a, b) => a - b));
  return `${own[0]!.title}\n${seeds.size === 1 ? "seed" : "seeds"} ${numbers}`;
}

/** What one task on one data set lacks, as far as that is told. */
function unfinishedText({ task, dataset }: Place, { cells, failures, grid }: Results): string {
  const countOf = (all: readonly Place[]) =>
    all.filter((one) => one.task === task && one.dataset === dataset).length;
  const [done, failed] = [countOf(cells), countOf(failures)];
  const all = grid?.byDataset?.[dataset]?.[task] ?? 0;
  const parts = [
    ...(done < all ? [`${countText(done)} of ${countText(all)} cells`] : []),
    ...(failed > 0 ? [`${countText(failed)} failed`] : []),
  ];
  return parts.join("\n") || NONE;
}

/** Tasks of which the grid has more cells than there are results. */
function incompleteOf({ cells, grid }: Results): string[] {
  return TOLD.flatMap((task) => {
    const all = grid?.byTask[task] ?? 0;
    const done = cells.filter((cell) => cell.task === task).length;
    return done < all ? [`${task}: ${countText(done)} of ${countText(all)} cells`] : [];
  });
}
