/** A field that does not fit, by its JSON pointer in what was asked. */
export interface FieldProblem {
  readonly field: string;
  readonly message: string;
}

/** Why something asked was not answered, as RFC 9457's problem details say it. */
export class Problem extends Error {
  override readonly name = "Problem";
  constructor(
    message: string,
    /** HTTP's status; 0 where no answer came. */
    readonly status: number,
    readonly fields: readonly FieldProblem[] = [],
    /** Seconds after which asking again makes sense. */
    readonly retryAfter?: number,
  ) {
    super(message);
  }
}

/** An error that is no answer at all: what was asked has been given up, by another question or by leaving. */
export const isGivenUp = (error: unknown): boolean =>
  error instanceof DOMException && error.name === "AbortError";

/** Whatever was thrown, in words for the reader. */
export const wordsOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
