/** Spaces before every line of the registry's XML, and so of TOP's. */
const XML_MARGIN = 8;
/** Longest line of the registry's wrapped text, its margin not counted. */
const WRAP_COLUMN = 91;
/** Spaces by which the registry indents one level of a list further than the level above. */
const LEVEL_INDENT = 5;

/** A bullet of any of the registry's styles, with the space after it. */
const BULLET = /^[-–—*•·▪●◦]\s+/u;
const NUMBER = /^(?:\d+|[a-z]|[ivx]+)[.)]\s/iu;

/**
 * Eligibility criteria in one layout, whatever the source's: one line a statement.
 * Lines that the registry wrapped are joined again; blank lines go; runs of spaces become one; every
 * bullet is written "- "; nested list items keep one space of indentation a level; the Markdown
 * escapes of API v2 ("\>", "\<") are resolved. Words, case and numbering stay as they are. Apply it
 * once, to a source's text: its own indentation is not the registry's.
 */
export function normaliseCriteria(text: string): string {
  const lines = text
    .normalize("NFC")
    .split(/\r\n|[\n\r\u2028\u2029]/u)
    .map((line) => line.replaceAll("\t", "    ").trimEnd());
  // The registry's XML has a margin of 8; the first line does not count, for readers trim it.
  const inner = lines.slice(1).filter((line) => line !== "");
  const margin =
    inner.length > 0 && inner.every((line) => indentOf(line) >= XML_MARGIN) ? XML_MARGIN : 0;

  const result: string[] = [];
  let previousWidth = 0; // 0 after a blank line
  for (const line of lines) {
    const statement = unescapeMarkdown(line.trim().replace(/\s+/gu, " "));
    if (statement === "") {
      previousWidth = 0;
      continue;
    }
    const outdent = Math.min(margin, indentOf(line));
    const isItem = BULLET.test(statement) || NUMBER.test(statement);
    const firstWord = statement.search(/ |$/u);
    const hadNoRoom = previousWidth <= WRAP_COLUMN && previousWidth + 1 + firstWord > WRAP_COLUMN;
    if (previousWidth > 0 && hadNoRoom && !isItem) {
      result.push(`${result.pop()} ${statement}`);
    } else {
      const level = isItem ? Math.floor((indentOf(line) - outdent) / LEVEL_INDENT) : 0;
      result.push(" ".repeat(level) + statement.replace(BULLET, "- "));
    }
    previousWidth = line.length - outdent;
  }
  return result.join("\n");
}

const indentOf = (line: string): number => line.length - line.trimStart().length;

const unescapeMarkdown = (text: string): string => text.replace(/\\([-<>*_~^#[\]()+.])/gu, "$1");
