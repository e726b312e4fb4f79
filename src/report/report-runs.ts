/** The report's sections on the runs themselves. */
import { groupBy } from "../base/group.js";
import { contestText } from "./aggregate.js";
import type { Section } from "./document.js";
import type { Results } from "./read-results.js";
import { number, tableRow, text } from "./table.js";

export function failuresSection({ failures, remarks }: Results): Section {
  const table = {
    title: "Failed runs",
    columns: [
      text("data set, task"),
      text("method"),
      number("seed"),
      text("what happened"),
      text("log"),
    ],
    rows: failures.map((failure) => {
      const { method, seed, message, log } = failure;
      return tableRow([contestText(failure), method, `${seed}`, message, log]);
    }),
    notes: [],
  };
  const none = failures.length === 0;
  return {
    title: "Failures and remarks",
    text: [none ? "No run failed." : "What failed is in no table above.", ...remarks],
    parts: none ? [] : [{ tables: [table], charts: [] }],
  };
}

/** What methods tell of their runs beside figures; undefined where none does. */
export function notesSection({ cells }: Results): Section | undefined {
  const noted = cells.filter(({ notes }) => notes !== undefined);
  if (noted.length === 0) return undefined;
  const table = {
    title: "Notes by run",
    columns: [text("data set, task"), text("method"), number("seed"), text("notes")],
    rows: noted.map((cell) =>
      tableRow([contestText(cell), cell.title, `${cell.seed}`, noteLines(cell.notes).join("; ")]),
    ),
    notes: [],
  };
  return {
    title: "Notes of methods",
    text: ["What a method told of its run, such as what a language model was asked and cost."],
    parts: [{ tables: [table], charts: [] }],
  };
}

/** Nested values as "llm asked 12", one each. */
function noteLines(value: unknown, names: readonly string[] = []): string[] {
  if (typeof value !== "object" || value === null) return [`${names.join(" ")} ${value}`];
  return Object.entries(value).flatMap(([name, inner]) => noteLines(inner, [...names, name]));
}

/** Everything that was read, by hash. */
export function filesSection({ cells }: Results): Section {
  const uses = cells.flatMap(({ data, dataset }) =>
    Object.entries(data).map(([file, hash]) => ({ file, hash, dataset })),
  );
  const versions = groupBy(uses, ({ file, hash }) => JSON.stringify([file, hash]));
  const table = {
    title: "Data, encoder and vocabularies",
    columns: [text("file"), text("data sets"), text("SHA-256")],
    rows: [...versions.values()].map((own) => {
      const datasets = new Set(own.map(({ dataset }) => dataset));
      return tableRow([own[0]!.file, [...datasets].join(", "), own[0]!.hash]);
    }),
    notes: [],
  };
  return {
    title: "Files",
    text: ["What the runs have read, by SHA-256."],
    parts: [{ tables: [table], charts: [] }],
  };
}
