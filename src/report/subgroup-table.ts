import { type Row, SUBGROUP_FIGURES, type SubgroupRow } from "./aggregate.js";
import { FIGURE_TITLES } from "./results-table.js";
import { countText, figureText, number, spreadText, type Table, tableRow, text } from "./table.js";

/**
 * The figures of one kind of groups, such as ICD-10 chapters: of each group one line a method. What no
 * method has is left out.
 * @param kind as in {@link Row.subgroups}
 */
export function subgroupTable(kind: string, methods: readonly Row[]): Table {
  const groups = new Map<string, SubgroupRow>(
    methods.flatMap(({ subgroups }) => Object.entries(subgroups[kind] ?? {})),
  );
  const figures = SUBGROUP_FIGURES.filter((figure) =>
    methods.some(({ subgroups }) =>
      Object.values(subgroups[kind] ?? {}).some((group) => group[figure] !== null),
    ),
  );
  const { dataset, task } = methods[0]!;
  return {
    title: `${dataset}, ${task}: by ${kind}`,
    columns: [
      text(kind),
      number("trials"),
      number("successful"),
      text("method"),
      ...figures.map((figure) => number(FIGURE_TITLES[figure])),
    ],
    rows: [...groups].flatMap(([name, { n, positives }]) =>
      methods.map(({ title, subgroups }, i) =>
        tableRow([
          ...(i === 0 ? [name, countText(n), figureText(positives / n)] : ["", "", ""]),
          title,
          ...figures.map((figure) => spreadText(subgroups[kind]?.[name]?.[figure] ?? null)),
        ]),
      ),
    ),
    notes: [],
  };
}
