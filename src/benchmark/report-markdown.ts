import type { Document, Section } from "./document.js";
import type { Table } from "./table.js";

/** The report's text and tables in Markdown (GitHub's tables), to be copied into a paper. */
export function markdownOf({ title, text, facts, sections }: Document): string {
  const blocks = [
    `# ${unmark(title)}`,
    ...text.map(unmark),
    facts.map(([name, value]) => `- ${unmark(name)}: ${unmark(value)}`).join("\n"),
    ...sections.flatMap(sectionBlocks),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function sectionBlocks({ title, text, parts }: Section): string[] {
  return [
    `## ${unmark(title)}`,
    ...text.map(unmark),
    ...parts.flatMap(({ tables }) => tables.flatMap(tableBlocks)),
  ];
}

function tableBlocks({ title, columns, rows, notes }: Table): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const inline = (text: string) => unmark(text).replaceAll("\n", " ");
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
            return mark + inline(cell) + mark;
          }),
        ),
      ),
    ].join("\n"),
    ...notes.map(inline),
  ];
}

/** Takes their meaning from the characters that Markdown or HTML would read as marks. */
function unmark(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>|#~]/g, "\\$&").replaceAll("&", "&amp;");
}
