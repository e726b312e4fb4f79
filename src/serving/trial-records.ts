import { closeSync, openSync, writeSync } from "node:fs";
import { deflateSync } from "node:zlib";
import { type OpenFile, openBytes, unwritable } from "../base/file.js";
import type { Outcome, Trial, TrialRecord } from "../trial/index.js";
import type { PastOutcome } from "./answer.js";

/** What is kept of a past trial. */
export interface PastTrial {
  readonly trial: Trial;
  readonly title: string | null;
  /** Names of what it gave: the molecules found, then what may be one; no placebo. */
  readonly drugs: readonly string[];
  readonly outcome: PastOutcome;
}

export const pastOutcome = (outcome: Outcome): PastOutcome => ({
  label: outcome.label ?? null,
  status: outcome.status ?? null,
  whyStopped: outcome.whyStopped ?? null,
  startDate: outcome.startDate ?? null,
  completionDate: outcome.completionDate ?? null,
});

export const pastTrial = (
  { trial, title = undefined, outcome }: Pick<TrialRecord, "trial" | "title" | "outcome">,
  drugs: readonly string[] = [],
): PastTrial => ({ trial, title: title ?? null, drugs, outcome: pastOutcome(outcome) });

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

/** Trials of a file of {@link RecordWriter}, read from it when they are asked for. */
export class Records {
  readonly #file: OpenFile;
  /** Where each trial begins, and where the last one ends. */
  readonly #starts: Float64Array;

  /** @param lengths bytes of each trial @throws InputError if the file cannot be read */
  constructor(path: string, lengths: ArrayLike<number>) {
    this.#file = openBytes(path);
    this.#starts = new Float64Array(lengths.length + 1);
    for (let i = 0; i < lengths.length; i++) this.#starts[i + 1] = this.#starts[i]! + lengths[i]!;
  }

  get length(): number {
    return this.#starts.length - 1;
  }

  /** Bytes of the file that its trials take. */
  get bytes(): number {
    return this.#starts.at(-1)!;
  }

  async at(row: number): Promise<PastTrial> {
    const bytes = this.#file.read(this.#starts[row]!, this.#starts[row + 1]!);
    // Browsers have this, too.
    const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return JSON.parse(await new Response(plain).text()) as PastTrial;
  }

  close(): void {
    this.#file.close();
  }
}
