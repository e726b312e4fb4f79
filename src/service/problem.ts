import { STATUS_CODES } from "node:http";
import { z } from "zod";
import type { InputError } from "../base/error.js";
import { wordsOf } from "../base/issue.js";

/** What can go wrong, by the end of its type URI, and the status that it has. */
const KINDS = {
  "invalid-request": 400,
  "token-missing": 401,
  "scope-missing": 403,
  "not-found": 404,
  "method-not-allowed": 405,
  "no-history": 404,
  "no-past-trials": 404,
  "too-slow": 408,
  "too-large": 413,
  "wrong-content-type": 415,
  "wrong-host": 421,
  "too-many-requests": 429,
  "head-too-large": 431,
  fault: 500,
  "registry-unreachable": 502,
  busy: 503,
  loading: 503,
  "history-unavailable": 503,
} as const;
export type ProblemKind = keyof typeof KINDS;

const PREFIX = "urn:cladmop:problem:";
export const PROBLEM_TYPE = "application/problem+json";

/** Problem details of RFC 9457. */
export const ProblemDetails = z
  .object({
    type: z.enum(Object.keys(KINDS).map((kind) => PREFIX + kind)),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string(),
    errors: z
      .array(
        z.object({
          field: z.string().describe("JSON pointer into the body, or ?name of the query"),
          message: z.string(),
        }),
      )
      .optional()
      .describe("Every wrong field"),
  })
  .meta({ id: "Problem" });
export type ProblemDetails = z.infer<typeof ProblemDetails>;
type FieldError = NonNullable<ProblemDetails["errors"]>[number];

/** Something to answer a request with instead of what it asked for. */
export class Problem extends Error {
  readonly status: number;

  constructor(
    readonly kind: ProblemKind,
    detail: string,
    readonly more: {
      readonly errors?: readonly FieldError[];
      /** Seconds. */
      readonly retryAfter?: number;
    } = {},
  ) {
    super(detail);
    this.name = "Problem";
    this.status = KINDS[kind];
  }

  details(): ProblemDetails {
    return {
      type: PREFIX + this.kind,
      title: STATUS_CODES[this.status]!,
      status: this.status,
      detail: this.message,
      ...(this.more.errors && { errors: [...this.more.errors] }),
    };
  }
}

/** A JSON pointer (RFC 6901). */
export const pointer = (path: readonly PropertyKey[]): string =>
  path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

/** Every wrong field of a body, as pointers into it. */
export function bodyProblem(issues: readonly z.core.$ZodIssue[], under = ""): Problem {
  const errors = issues.flatMap(fieldsOf).map(({ path, message }) => ({
    field: under + pointer(path),
    message,
  }));
  return invalid(errors);
}

/** Every wrong parameter of a query or path. */
export const parameterProblem = (issues: readonly z.core.$ZodIssue[], sign: "?" | ""): Problem =>
  invalid(
    issues
      .flatMap(fieldsOf)
      .map(({ path, message }) => ({ field: sign + path.map(String).join("."), message })),
  );

function invalid(errors: readonly FieldError[]): Problem {
  const shown = errors.slice(0, MOST_ERRORS);
  const first = shown[0]!;
  const others = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  return new Problem("invalid-request", `${first.field || "the body"}: ${first.message}${others}`, {
    errors: shown,
  });
}

/** Wrong fields that are named at most. */
const MOST_ERRORS = 100;

interface Wrong {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function fieldsOf(issue: z.core.$ZodIssue): Wrong[] {
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({ path: [...issue.path, key], message: "Is not known here" }));
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    // Of the alternatives, the one that was most likely meant: it lacks least.
    const alternatives = issue.errors.map((issues) => issues.flatMap(fieldsOf));
    const strangers = (one: readonly Wrong[]) => one.filter(({ path }) => path.length < 2).length;
    const best = alternatives.reduce((a, b) => (strangers(b) < strangers(a) ? b : a));
    return best.map(({ path, message }) => ({ path: [...issue.path, ...path], message }));
  }
  return [{ path: issue.path, message: wordsOf(issue) }];
}

/**
 * Bad input that was found further in.
 * @param under pointer to what was read there
 */
export function inputProblem({ problem, location }: InputError, under: string): Problem {
  const path = location.field?.split(".") ?? [];
  return wrongField(under + pointer(path), `${problem}. ${location.remedy}`);
}

/** One wrong field. */
export const wrongField = (field: string, message: string): Problem =>
  invalid([{ field, message }]);
