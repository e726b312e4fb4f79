import type { Document, Section } from "./document.js";
import type { Table } from "./table.js";

/** The report's text and tables in Markdown (GitHub's tables), to be copied into a paper. */
export function markdownOf({ title, text, facts, sections }: Document): string {
  const blocks = [
    `# ${escape(title)}`,
    ...text.map(escape),
    facts.map(([name, value]) => `- ${escape(name)}: ${escape(value)}`).join("\n"),
    ...sections.flatMap(sectionBlocks),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function sectionBlocks({ title, text, tables }: Section): string[] {
  return [`## ${escape(title)}`, ...text.map(escape), ...tables.flatMap(tableBlocks)];
}

function tableBlocks({ title, columns, rows, notes }: Table): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const inline = (text: string) => escape(text).replaceAll("\n", " ");
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
function escape(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>|#~]/g, "\\$&").replaceAll("&", "&amp;");
}
