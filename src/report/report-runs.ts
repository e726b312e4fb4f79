/** The report's sections on the runs themselves. */
import { groupBy } from "../base/group.js";
import { contestText } from "./aggregate.js";
import type { Section } from "./document.js";
import type { Results } from "./read-results.js";
import { countText, NONE, number, tableRow, text } from "./table.js";

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

/** What prompted language models were asked, answered and cost, a line each; undefined where none was. */
export function llmSection({ cells }: Results): Section | undefined {
  const asked = cells.flatMap((cell) => (cell.notes ? [{ cell, ...cell.notes.llm }] : []));
  if (asked.length === 0) return undefined;
  const table = {
    title: "Prompts and answers",
    columns: [
      text("data set, task"),
      text("model"),
      number("trials\nanswered"),
      number("prompts"),
      number("refused"),
      number("unparsable"),
      number("tokens of\nprompts"),
      number("tokens of\nanswers"),
      number("cost"),
    ],
    rows: asked.map(({ cell, model, cost, unanswered, ...counts }) => {
      const { n } = cell.figures;
      const { asked, cached, withoutUsage } = counts;
      const untold = withoutUsage > 0 ? `\nwithout ${countText(withoutUsage)} answers` : "";
      return tableRow([
        contestText(cell),
        model,
        `${countText(n - unanswered.length)} of ${countText(n)}`,
        `${countText(asked + cached)}\n${countText(cached)} kept from before`,
        countText(counts.refused),
        countText(counts.unparsable),
        countText(counts.promptTokens) + untold,
        countText(counts.completionTokens) + untold,
        cost === null ? NONE : cost.toLocaleString("en", { maximumSignificantDigits: 3 }),
      ]);
    }),
    notes: [
      "Trials with equal texts share a prompt. The cost is in the currency of --llm-prices, of all prompts. Trials without an answer, with what was written instead, are listed in results.ndjson.",
    ],
  };
  return {
    title: "Prompted language models",
    text: ["What was asked over the network, how it was answered and what it cost."],
    parts: [{ tables: [table], charts: [] }],
  };
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
