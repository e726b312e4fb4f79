import { appendFileSync, existsSync } from "node:fs";
import { dirname } from "node:path";
import { InputError, messageOf } from "./error.js";
import { makeFolder, readText } from "./file.js";

/**
 * Results that took long, by key, in a file of one JSON object a line. Each is appended at once: a
 * kill loses nothing but a line that it cut, and such a line is passed over with a warning.
 */
export class Journal<Value> {
  readonly #path: string;
  readonly #values = new Map<string, Value>();
  /** A new line must be begun: the last one was cut. */
  #isCut = false;

  /** Opens a journal; the file appears with its first value. @throws InputError if it cannot be read. */
  constructor(path: string) {
    this.#path = path;
    if (!existsSync(path)) return;
    const text = readText(path);
    this.#isCut = text !== "" && !text.endsWith("\n");
    for (const [i, line] of text.split("\n").entries()) {
      if (line === "") continue;
      try {
        const { key, value } = JSON.parse(line) as { key: string; value: Value };
        this.#values.set(key, value);
      } catch {
        process.emitWarning(`${path}: line ${i + 1} is not whole and is made again`);
      }
    }
  }

  get(key: string): Value | undefined {
    return this.#values.get(key);
  }

  /** @throws InputError if the disk is full or the file cannot be written. */
  put(key: string, value: Value): void {
    try {
      makeFolder(dirname(this.#path));
      appendFileSync(this.#path, `${this.#isCut ? "\n" : ""}${JSON.stringify({ key, value })}\n`);
    } catch (error) {
      throw new InputError(`cannot be written: ${messageOf(error)}`, {
        file: this.#path,
        remedy: "Free disk space or choose a folder you may write to",
      });
    }
    this.#isCut = false;
    this.#values.set(key, value);
  }
}
