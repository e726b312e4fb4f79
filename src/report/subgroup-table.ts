import { type Row, SUBGROUP_FIGURES, type SubgroupRow } from "./aggregate.js";
import { FIGURE_TITLES } from "./results-table.js";
import { countText, figureText, number, spreadText, type Table, tableRow, text } from "./table.js";

/** Trials of a group, and of either outcome in it, from which on its figures are shown. */
const TRIALS = 20;
const OF_EITHER = 5;

/** Which groups are shown, in words. */
export const LARGE_ENOUGH = `Groups of ${TRIALS} trials and more are shown that have ${OF_EITHER} of either outcome; results.ndjson has all.`;

const isLargeEnough = ({ n, positives }: SubgroupRow): boolean =>
  n >= TRIALS && Math.min(positives, n - positives) >= OF_EITHER;

/**
 * The figures of one kind of groups, such as ICD-10 chapters: of each group one line a method. What no
 * method has is left out, and so are small groups, with a note that counts them; undefined if all are small.
 * @param kind as in {@link Row.subgroups}
 */
export function subgroupTable(kind: string, methods: readonly Row[]): Table | undefined {
  const all = new Map<string, SubgroupRow>(
    methods.flatMap(({ subgroups }) => Object.entries(subgroups[kind] ?? {})),
  );
  const groups = [...all].filter(([, group]) => isLargeEnough(group));
  if (groups.length === 0) return undefined;
  const small = all.size - groups.length;
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
    rows: groups.flatMap(([name, { n, positives }]) =>
      methods.map(({ title, subgroups }, i) =>
        tableRow([
          ...(i === 0 ? [name, countText(n), figureText(positives / n)] : ["", "", ""]),
          title,
          ...figures.map((figure) => spreadText(subgroups[kind]?.[name]?.[figure] ?? null)),
        ]),
      ),
    ),
    notes:
      small > 0
        ? [
            `Not shown: ${small} of ${all.size}, of less than ${TRIALS} trials or ${OF_EITHER} of either outcome.`,
          ]
        : [],
  };
}
