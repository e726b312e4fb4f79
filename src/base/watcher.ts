/** How a long job tells of itself, and hears that it should stop. */

/** What a long job tells the terminal. */
export interface Progress {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  /** What `done` and `total` count, where a plain number would not be read easily. */
  readonly unit?: "bytes";
  /** Share of the work that is done, 0 to 1, where its units differ in length. */
  readonly share?: number;
  /** A few words on how it goes, such as "loss 3.21". */
  readonly detail?: string;
}

/** The line between a job in its worker thread and whoever watches it. */
export interface Watcher {
  report(progress: Progress): void;
  /** One line that stays on the screen. */
  say(line: string): void;
  /** True once the user has asked to stop: finish the step, save, throw {@link Interrupted}. */
  stopping(): boolean;
}

/** The user stopped the job; everything up to the last step is saved. */
export class Interrupted extends Error {
  constructor(folder: string, how = "with --resume") {
    super(`Stopped. Everything up to here is in ${folder}; go on ${how}.`);
    this.name = "Interrupted";
  }

  /** For a job that keeps nothing before its end. */
  static withNothing(): Interrupted {
    const error = new Interrupted("");
    error.message = "Stopped. Nothing was written; start again.";
    return error;
  }
}
