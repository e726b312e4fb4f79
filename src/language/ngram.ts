/** How the counts are turned into a model. */
export interface NgramOptions {
  /** 1 for unigrams, 3 for trigrams. */
  readonly order: number;
  readonly vocabularySize: number;
}

/** Counts of the n-grams of one order, and of what follows each of their contexts. */
interface Level {
  readonly counts: Map<number, number>;
  readonly totals: Map<number, number>; // context → sum of the counts after it
  readonly types: Map<number, number>; // context → number of distinct tokens after it
  discount: number;
}

/**
 * Interpolated Kneser–Ney model of token ids (Kneser & Ney 1995; as in Chen & Goodman 1999,
 * section 2.7, one discount an order): the baseline of the language model.
 *
 * `P_k(w | h) = (max(c(hw) - D_k, 0) + D_k · types(h) · P_{k-1}(w | h')) / total(h)`, where h' is h
 * without its first token and `P_0 = 1 / vocabularySize`. The highest order counts occurrences, the
 * lower ones the distinct tokens seen before; n-grams that begin a sequence have nothing before them
 * and count occurrences in every order. A sequence begins with one start symbol.
 */
export class NgramModel {
  readonly #order: number;
  readonly #vocabularySize: number;
  /** Digits of an n-gram's key: the tokens, and the start symbol after them. */
  readonly #base: number;
  readonly #levels: Level[];

  constructor(sequences: Iterable<ArrayLike<number>>, { order, vocabularySize }: NgramOptions) {
    this.#order = order;
    this.#vocabularySize = vocabularySize;
    this.#base = vocabularySize + 1;
    if (this.#base ** order > Number.MAX_SAFE_INTEGER) {
      throw new RangeError(`${order}-grams of ${vocabularySize} tokens have no exact key`);
    }
    this.#levels = Array.from({ length: order }, () => ({
      counts: new Map(),
      totals: new Map(),
      types: new Map(),
      discount: 0,
    }));
    for (const sequence of sequences) {
      for (let i = 0; i < sequence.length; i++) {
        const { length, key } = this.#context(sequence, i);
        this.#count(length + 1, key * this.#base + sequence[i]!);
      }
    }
    for (const level of this.#levels) level.discount = discountOf(level.counts.values());
  }

  /** P(token | the tokens of its sequence before it); the probabilities of all tokens sum to one. */
  probability(token: number, history: ArrayLike<number>): number {
    const { length, key } = this.#context(history, history.length);
    return this.#probability(token, length, key);
  }

  /** exp of the mean negative log probability of every token of the sequences. */
  perplexity(sequences: Iterable<ArrayLike<number>>): number {
    let logProbability = 0;
    let tokens = 0;
    for (const sequence of sequences) {
      for (let i = 0; i < sequence.length; i++) {
        const { length, key } = this.#context(sequence, i);
        logProbability += Math.log(this.#probability(sequence[i]!, length, key));
        tokens++;
      }
    }
    return Math.exp(-logProbability / tokens);
  }

  /** The up to order - 1 tokens before a position, the start symbol included. */
  #context(sequence: ArrayLike<number>, position: number): { length: number; key: number } {
    const length = Math.min(this.#order - 1, position + 1);
    let key = 0;
    for (let i = position - length; i < position; i++) {
      key = key * this.#base + (i < 0 ? this.#vocabularySize : sequence[i]!);
    }
    return { length, key };
  }

  /** Counts an n-gram, and where it is new, its last n - 1 tokens with one more token before them. */
  #count(n: number, key: number): void {
    const { counts, totals, types } = this.#levels[n - 1]!;
    const context = Math.floor(key / this.#base);
    const before = counts.get(key) ?? 0;
    counts.set(key, before + 1);
    totals.set(context, (totals.get(context) ?? 0) + 1);
    if (before > 0) return;
    types.set(context, (types.get(context) ?? 0) + 1);
    if (n > 1) this.#count(n - 1, key % this.#base ** (n - 1));
  }

  #probability(token: number, contextLength: number, context: number): number {
    if (contextLength < 0) return 1 / this.#vocabularySize;
    const shorter = contextLength > 0 ? context % this.#base ** (contextLength - 1) : 0;
    const lower = this.#probability(token, contextLength - 1, shorter);
    const { counts, totals, types, discount } = this.#levels[contextLength]!;
    const total = totals.get(context);
    if (total === undefined) return lower;
    const count = counts.get(context * this.#base + token) ?? 0;
    return (Math.max(count - discount, 0) + discount * types.get(context)! * lower) / total;
  }
}

/** n1 / (n1 + 2 n2) of the n-grams seen once and twice; 1/2 where the text is too small to have both. */
function discountOf(counts: Iterable<number>): number {
  let [once, twice] = [0, 0];
  for (const count of counts) {
    if (count === 1) once++;
    if (count === 2) twice++;
  }
  return once > 0 && twice > 0 ? once / (once + 2 * twice) : 1 / 2;
}
