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
  /** What it takes to compute. */
  readonly tokens: number;
}

/** Milliseconds by which one of many lets those go ahead that come alone, and for which somebody waits. */
const BULK_WAITS = 5000;

/** What may be in a queue. */
export interface Most {
  /** Things that wait. */
  readonly places: number;
  /** Tokens of all that is not answered yet. However large, one is taken where there is no other. */
  readonly tokens: number;
}

/** A bounded queue of things to compute. What is given up leaves it. */
export class Waiting<What, Answer> {
  #places: Place<What, Answer>[] = [];
  /** Of what waits or is being computed. */
  #tokens = 0;

  /** @param tokensOf what one takes to compute, in tokens that are read */
  constructor(
    private readonly most: Most,
    private readonly tokensOf: (what: What) => number,
  ) {}

  get length(): number {
    return this.#places.length;
  }

  /** How many of a kind wait. */
  count(isOne: (what: What) => boolean): number {
    return this.#places.filter(({ what }) => isOne(what)).length;
  }

  /** Answers to all, in their order. @throws TooMany if not all find a place; the signal's reason */
  async addAll(whats: readonly What[], how: How): Promise<Answer[]> {
    how.signal?.throwIfAborted();
    if (whats.length === 0) return [];
    const asked = whats.map((what) => ({ what, tokens: this.tokensOf(what) }));
    const tokens = asked.reduce((sum, one) => sum + one.tokens, 0);
    this.#admit(whats.length, tokens, how);
    this.#tokens += tokens;
    try {
      return await this.#answers(asked, how);
    } finally {
      this.#tokens -= tokens;
    }
  }

  /** @throws TooMany */
  #admit(count: number, tokens: number, { bulk }: How): void {
    // Many leave room for those that come alone.
    const share = bulk ? 0.5 : 1;
    if (this.#places.length + count > share * this.most.places)
      throw new TooMany(`${this.#places.length} others wait already`);
    const before = this.#tokens;
    if (before > 0 && before + tokens > share * this.most.tokens)
      throw new TooMany(`others before it have ${before} tokens to be read`);
  }

  async #answers(
    asked: readonly { readonly what: What; readonly tokens: number }[],
    { signal, bulk = false }: How,
  ): Promise<Answer[]> {
    const due = performance.now() + (bulk ? BULK_WAITS : 0);
    const own: Place<What, Answer>[] = [];
    const answers = asked.map(
      (one) =>
        new Promise<Answer>((resolve, reject) => {
          own.push({ ...one, resolve, reject, due, signal });
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

  /** The next ones, at most `count`, and after the first no more than have so many tokens together. */
  take(count: number, tokens = Number.POSITIVE_INFINITY): Asked<What, Answer>[] {
    let taken = 0;
    for (let sum = 0; taken < Math.min(count, this.#places.length); taken++) {
      sum += this.#places[taken]!.tokens;
      if (taken > 0 && sum > tokens) break;
    }
    return this.#places.splice(0, taken);
  }

  /** Answers all that wait with an error. */
  refuse(error: Error): void {
    for (const { reject } of this.#places.splice(0)) reject(error);
  }
}
