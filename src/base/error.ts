/** Where bad input was found, and what the user can do about it. Empty parts are left out. */
export interface InputLocation {
  readonly file?: string | undefined;
  /** Row of the data, counted from 1, the header not included. */
  readonly row?: number | undefined;
  readonly field?: string | undefined;
  /** One imperative sentence: what to change. */
  readonly remedy: string;
}

/**
 * Bad input of any kind. Its message is one line that names file, row, field and remedy; the command
 * line prints it without a stack and exits with code 2.
 */
export class InputError extends Error {
  readonly problem: string;
  readonly location: InputLocation;

  constructor(problem: string, location: InputLocation) {
    const place = [
      location.file,
      location.row === undefined ? undefined : `row ${location.row}`,
      location.field === undefined ? undefined : `field "${location.field}"`,
    ].filter((part) => part !== undefined);
    const prefix = place.length > 0 ? `${place.join(", ")}: ` : "";
    super(`${prefix}${problem}. ${location.remedy}`.replace(/\s+/g, " "));
    this.name = "InputError";
    this.problem = problem;
    this.location = location;
  }

  /** The same problem with the file or row that only the caller knows. */
  at(place: Partial<InputLocation>): InputError {
    const known = Object.fromEntries(
      Object.entries(this.location).filter(([, value]) => value !== undefined),
    );
    return new InputError(this.problem, { ...place, ...known } as InputLocation);
  }
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Reads one thing; where there is a list, bad input goes into it instead of being thrown. */
export function collecting(bad: InputError[] | undefined, read: () => void): void {
  try {
    read();
  } catch (error) {
    if (bad === undefined || !(error instanceof InputError)) throw error;
    bad.push(error);
  }
}
