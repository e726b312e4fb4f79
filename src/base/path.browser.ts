// What stands for node:path in a browser.

/** Parts of a path with a slash between them. */
export const join = (...parts: readonly string[]): string =>
  parts.filter((part) => part !== "" && part !== ".").join("/");
