import type { Document, Section } from "./document.js";
import type { Table } from "./table.js";

/** The report's text and tables in Markdown (GitHub's tables), to be copied into a paper. */
export function markdownOf({ title, verdict, sections }: Document): string {
  const blocks = [`# ${unmark(title)}`, ...[verdict, ...sections].flatMap(sectionBlocks)];
  return `${blocks.join("\n\n")}\n`;
}

function sectionBlocks({ title, text, facts = [], parts }: Section): string[] {
  const items = facts.map(([name, value]) => `- ${inline(name)}: ${listed(value)}`);
  return [
    `## ${unmark(title)}`,
    ...text.map(unmark),
    ...(items.length > 0 ? [items.join("\n")] : []),
    ...parts.flatMap(({ tables }) => tables.flatMap(tableBlocks)),
  ];
}

function tableBlocks({ title, columns, rows, notes }: Table): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    `### ${inline(title)}`,
    [
      line(columns.map(({ head }) => inline(head))),
      line(columns.map(({ isNumber }) => (isNumber ? "---:" : "---"))),
      ...rows.map(({ cells, bold, isPublished }) =>
        line(
          cells.map((cell, column) => {
            if (cell === "") return "";
            const mark = bold.has(column) ? "**" : isPublished ? "*" : "";
            return mark + listed(cell) + mark;
          }),
        ),
      ),
    ].join("\n"),
    ...notes.map(inline),
  ];
}

/** Without line breaks, which have a meaning in tables and lists. */
const inline = (text: string): string => unmark(text).replaceAll("\n", " ");

/** Its lines in one, told apart by commas where no bracket does it. */
const listed = (text: string): string => inline(text.replaceAll(/\n(?![[(])/g, ", "));

/** Takes their meaning from the characters that Markdown or HTML would read as marks. */
function unmark(text: string): string {
  return text
    .replaceAll(/[\\`*_<>|~]/g, "\\$&")
    .replaceAll("](", "]\\(")
    .replaceAll(/&(?=#?\w+;)/g, "&amp;");
}
