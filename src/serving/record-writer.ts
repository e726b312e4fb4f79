import { closeSync, openSync, writeSync } from "node:fs";
import { deflateSync } from "node:zlib";
import { unwritable } from "../base/file.js";
import type { PastTrial } from "./trial-records.js";

/** Writes trials one after the other into a file, each compressed by itself. */
export class RecordWriter {
  readonly #handle: number;
  readonly #path: string;
  /** Bytes of each trial. */
  readonly lengths: number[] = [];

  /** @throws InputError if the file cannot be written, here and below */
  constructor(path: string) {
    this.#path = path;
    this.#handle = this.#written(() => openSync(path, "w"));
  }

  add(trial: PastTrial): void {
    const bytes = deflateSync(JSON.stringify(trial));
    this.#written(() => {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#handle, bytes, done);
    });
    this.lengths.push(bytes.length);
  }

  close(): void {
    this.#written(() => closeSync(this.#handle));
  }

  #written<T>(write: () => T): T {
    try {
      return write();
    } catch (error) {
      throw unwritable(this.#path, error);
    }
  }
}
