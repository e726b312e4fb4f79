import type { How } from "./engine.js";

/** There is more to do than may wait. */
export class TooMany extends Error {
  override readonly name = "TooMany";
}

/** Something that waits for its answer. */
export interface Asked<What, Answer> {
  readonly what: What;
  /** Aborted when it is given up. */
  readonly signal: AbortSignal | undefined;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

interface Place<What, Answer> extends Asked<What, Answer> {
  /** What is due first is taken first. */
  readonly due: number;
}

/** Milliseconds by which one of many lets those go ahead that come alone. */
const BULK_WAITS = 1000;

/** A bounded queue of things to compute. What is given up leaves it. */
export class Waiting<What, Answer> {
  #places: Place<What, Answer>[] = [];

  constructor(private readonly most: number) {}

  get length(): number {
    return this.#places.length;
  }

  /** Answers to all, in their order. @throws TooMany if not all find a place; the signal's reason */
  async addAll(whats: readonly What[], { signal, bulk = false }: How): Promise<Answer[]> {
    signal?.throwIfAborted();
    // Many leave room for those that come alone.
    if (this.#places.length + whats.length > (bulk ? this.most / 2 : this.most))
      throw new TooMany(`${this.#places.length} others wait already`);
    const due = performance.now() + (bulk ? BULK_WAITS : 0);
    const own: Place<What, Answer>[] = [];
    const answers = whats.map(
      (what) =>
        new Promise<Answer>((resolve, reject) => {
          own.push({ what, resolve, reject, due, signal });
        }),
    );
    const after = this.#places.findIndex((place) => place.due > due);
    this.#places.splice(after < 0 ? this.#places.length : after, 0, ...own);
    if (signal === undefined) return Promise.all(answers);
    const leave = () => {
      this.#places = this.#places.filter((place) => !own.includes(place));
      for (const { reject } of own) reject(signal.reason);
    };
    signal.addEventListener("abort", leave, { once: true });
    try {
      return await Promise.all(answers);
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }

  /** The next ones, at most `count`. */
  take(count: number): Asked<What, Answer>[] {
    return this.#places.splice(0, Math.max(0, count));
  }

  /** Answers all that wait with an error. */
  refuse(error: Error): void {
    for (const { reject } of this.#places.splice(0)) reject(error);
  }
}
