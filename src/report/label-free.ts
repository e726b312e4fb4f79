/** What a data set's zero-shot results say beside its few-shot ones: what can be had without a label. */
import { rankerNeeds } from "../benchmark/grid.js";
import type { Row } from "./aggregate.js";
import { byFigure, contendersOf } from "./contenders.js";
import { intervalText, spreadText } from "./table.js";

/**
 * One sentence on the rankings of the same trials that are best without any label, ours and a baseline;
 * none where none was run. Base rates read the labels of training trials, and are left out.
 * @param rows of all tasks on one data set
 */
export function labelFreeTexts(rows: readonly Row[], figure: "prAuc" | "rocAuc"): string[] {
  const { ours, others } = contendersOf(
    rows.filter((row) => row.task === "zero-shot" && rankerNeeds(row) !== "labels"),
  );
  const best = (methods: readonly (readonly Row[])[], of: string): string[] => {
    const row = byFigure(methods, figure)[0]?.[0];
    if (row === undefined) return [];
    const bounds = row.interval ? ` ${intervalText(row.interval[figure])}` : "";
    return [`of ${of} ${row.title} ${spreadText(row.figures[figure])}${bounds}`];
  };
  const found = [...best(ours, "ours"), ...best(others, "the baselines")];
  if (found.length === 0) return [];
  return [
    `Best without a labelled trial (zero-shot), on the same trials: ${found.join("; ")}. Labels add what is above that.`,
  ];
}
