import { type Row, SUBGROUP_FIGURES, type SubgroupRow } from "./aggregate.js";
import { FIGURE_TITLES } from "./results-table.js";
import { countText, figureText, number, spreadText, type Table, tableRow, text } from "./table.js";

/**
 * The figures of one kind of groups, such as ICD-10 chapters, of one method or several beside each other.
 * @param kind as in {@link Row.subgroups}
 */
export function subgroupTable(kind: string, rows: readonly Row[]): Table {
  const groups = new Map<string, SubgroupRow>(
    rows.flatMap(({ subgroups }) => Object.entries(subgroups[kind] ?? {})),
  );
  const { dataset, task } = rows[0]!;
  return {
    title: `${dataset}, ${task}: by ${kind}`,
    columns: [
      text(kind),
      number("trials"),
      number("share of\nsuccesses"),
      ...rows.flatMap(({ title }) =>
        SUBGROUP_FIGURES.map((figure) => number(`${FIGURE_TITLES[figure]}\n${title}`)),
      ),
    ],
    rows: [...groups].map(([name, { n, positives }]) =>
      tableRow([
        name,
        countText(n),
        figureText(positives / n),
        ...rows.flatMap(({ subgroups }) =>
          SUBGROUP_FIGURES.map((figure) => spreadText(subgroups[kind]?.[name]?.[figure] ?? null)),
        ),
      ]),
    ),
    notes: [],
  };
}
