import type { z } from "zod";

/** What is wrong with a value, in words for who gave it: not for who wrote the schema. */
export function wordsOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      if (issue.message.endsWith("received undefined")) return "Is missing";
      return `Must be ${KINDS[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `Must be ${listed(issue.values.map((value) => JSON.stringify(value)))}`;
    case "too_small":
      if (isOfParts(issue.origin) && issue.minimum === 1) return "Must not be empty";
      return `Must be ${amount(issue.origin, issue.minimum)} or more`;
    case "too_big":
      return `Must be ${amount(issue.origin, issue.maximum)} or fewer`;
    case "invalid_format":
      return FORMATS[issue.format] ?? issue.message;
    default:
      return issue.message;
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

const FORMATS: Readonly<Record<string, string>> = {
  datetime: "Must be a time like 2025-01-31T12:00:00Z",
  uuid: "Must be a UUID",
};

const isOfParts = (origin: string): boolean => origin === "string" || origin === "array";

function amount(origin: string, n: number | bigint): string {
  const figure = n.toLocaleString("en");
  if (origin === "string") return `${figure} characters`;
  return origin === "array" ? `${figure} entries` : figure;
}

/** "a, b or c" */
const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
