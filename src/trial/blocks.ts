/** One bullet, numbered item or paragraph of a text, on one line. */
export interface Block {
  readonly marker: "bullet" | "number" | "none";
  /**
   * Depth of nesting: 0 for the outermost bullets and paragraphs, 1 for what is indented under one of
   * them, and so on. Bullets under a heading count as outermost, indented or not.
   */
  readonly level: number;
  /** The words, without the marker, joined where the source wrapped its lines. */
  readonly text: string;
}

interface OpenBlock {
  marker: Block["marker"];
  indent: number;
  /** Column where the text after the marker starts. */
  textColumn: number;
  lines: string[];
}

/** Records rewritten from the registry's legacy XML are wrapped at this column. */
const WRAP_COLUMN = 91;

const MARKER =
  /^(\s*)(?:([-*+•●○▪■◦‣·–—])\s*|(o|\(?(?:\d{1,2}|[a-zA-Z]|[ivxIVX]{1,4})[.)])\s+)(?=\S)/;

/**
 * Cuts a text into its bullets, numbered items and paragraphs. Joins wrapped lines (hanging indents
 * and lines broken at the registry's column), so that the API v2 layout ("* a") and the wrapped
 * layout of older exports ("  -  a") of the same text give the same blocks.
 */
export function parseBlocks(text: string): Block[] {
  const open: OpenBlock[] = [];
  let afterBlank = true;
  let previousLength = 0;

  for (const line of dedent(unescapeMarkdown(text))) {
    if (line.trim() === "") {
      afterBlank = true;
      continue;
    }
    const block = open.at(-1);
    const firstWord = line.trim().split(/\s/, 1)[0]!;
    const wrapped =
      previousLength <= WRAP_COLUMN && previousLength + 1 + firstWord.length > WRAP_COLUMN;
    if (block !== undefined && !afterBlank && continues(block, line, wrapped)) {
      block.lines.push(line.trim());
    } else {
      open.push(begin(line));
    }
    afterBlank = false;
    previousLength = line.trimEnd().length;
  }

  return withLevels(open.filter(({ lines }) => lines.some((line) => /[\p{L}\p{N}]/u.test(line))));
}

function withLevels(blocks: readonly OpenBlock[]): Block[] {
  let above: OpenBlock[] = [];
  return blocks.map((block) => {
    above = above.filter(({ indent }) => indent < block.indent);
    const bullets = above.filter(({ marker }) => marker !== "none").length;
    const level = bullets === 0 && block.marker === "none" ? above.length : bullets;
    above.push(block);
    return { marker: block.marker, level, text: block.lines.join(" ").replace(/\s+/g, " ") };
  });
}

/**
 * The words of a text with one layout for all sources: a block a line, "- " before a bullet, two
 * spaces a level. A model that reads text should read this, or it learns who exported the record.
 */
export function plainText(text: string): string {
  return parseBlocks(text)
    .map(({ marker, level, text }) => "  ".repeat(level) + (marker === "none" ? "" : "- ") + text)
    .join("\n");
}

function begin(line: string): OpenBlock {
  const match = MARKER.exec(line);
  const indent = /^\s*/.exec(line)![0].length;
  if (match === null) {
    return { marker: "none", indent, textColumn: indent, lines: [line.trim()] };
  }
  return {
    marker: match[2] === undefined && match[3] !== "o" ? "number" : "bullet",
    indent,
    textColumn: match[0].length,
    lines: [line.slice(match[0].length).trim()],
  };
}

function continues(block: OpenBlock, line: string, wrapped: boolean): boolean {
  const next = begin(line);
  if (block.marker === "none") {
    return wrapped && next.marker === "none" && next.indent === block.indent;
  }
  // A wrapped line may begin with what looks like a marker ("- 3 SD", "E. coli").
  return next.marker === "none"
    ? next.indent > block.indent
    : wrapped && next.indent === block.textColumn;
}

/** The API writes criteria in Markdown, in which some characters carry a backslash. */
function unescapeMarkdown(text: string): string {
  return text.replace(/\\([^\w\s])/g, "$1");
}

/** Lines without their common indentation; the first may have lost its own by trimming. */
function dedent(text: string): string[] {
  const lines = text.replace(/\r\n?/g, "\n").replace(/\t/g, "    ").replace(/^\n+/, "").split("\n");
  const indents = lines.filter((line) => line.trim() !== "").map((line) => line.search(/\S/));
  const common = Math.min(...(indents[0] === 0 ? indents.slice(1) : indents));
  return Number.isFinite(common)
    ? lines.map((line) => line.slice(Math.min(common, Math.max(line.search(/\S/), 0))))
    : lines;
}
