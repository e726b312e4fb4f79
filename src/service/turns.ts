import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds without a question after which long work goes on: the next one may be on its way. */
const QUIET = 3;
/**
 * Milliseconds after which long work goes on, although others are asked for all the time: a sixth of the time is its
 * own then, and a trial of 100,000 characters, in some fifty parts, ends within its request's 30 seconds.
 */
const LONGEST_WAIT = 300;

/** Whose turn it is in a thread: quick answers go ahead of the parts of long work. */
export class Turns {
  /** Quick answers that are being computed. */
  #ahead = 0;

  constructor(private readonly longestWait: number = LONGEST_WAIT) {}

  /** Computes a quick answer: others wait for it. */
  async ahead<T>(call: () => Promise<T>): Promise<T> {
    this.#ahead++;
    try {
      return await call();
    } finally {
      this.#ahead--;
    }
  }

  /** Resolves when the next part of long work may begin. */
  async next(): Promise<void> {
    const start = performance.now();
    do await sleep(QUIET);
    while (this.#ahead > 0 && performance.now() - start < this.longestWait);
  }
}
