import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { InputError } from "../base/error.js";
import { makeFolder, temporaryOf, unwritable } from "../base/file.js";

/**
 * A file of bad rows of any number, one JSON object a line: file, row, field, remedy and problem. It is
 * not there before its end, nor without a bad row.
 */
export class InvalidList {
  readonly #temporary: string;
  #handle: number | undefined;
  #rows = 0;

  constructor(private readonly file: string) {
    this.#temporary = temporaryOf(file);
  }

  /** @throws InputError if the file cannot be written */
  add({ problem, location }: InputError): void {
    this.#rows++;
    try {
      if (this.#handle === undefined) {
        makeFolder(dirname(this.file));
        this.#handle = openSync(this.#temporary, "w");
      }
      writeSync(this.#handle, `${JSON.stringify({ ...location, problem })}\n`);
    } catch (error) {
      this.discard();
      throw unwritable(this.file, error);
    }
  }

  /** @returns one line that says what was skipped, if anything was */
  end(): string | undefined {
    if (this.#handle === undefined) return undefined;
    try {
      fsyncSync(this.#handle);
      renameSync(this.#temporary, this.file);
    } catch (error) {
      this.discard();
      throw unwritable(this.file, error);
    }
    closeSync(this.#handle);
    const rows = this.#rows === 1 ? "1 bad row was" : `${this.#rows} bad rows were`;
    return `Warning: ${rows} skipped and listed in ${this.file}`;
  }

  /** Leaves nothing behind. */
  discard(): void {
    if (this.#handle === undefined) return;
    closeSync(this.#handle);
    this.#handle = undefined;
    rmSync(this.#temporary, { force: true });
  }
}

/**
 * Lists one or more bad rows in a file, as {@link InvalidList} does.
 * @returns one line that says so
 * @throws InputError if the file cannot be written
 */
export function writeInvalidList(file: string, bad: readonly InputError[]): string {
  const list = new InvalidList(file);
  for (const one of bad) list.add(one);
  return list.end()!;
}
