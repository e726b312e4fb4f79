/** Of its slots, the part that may be taken before there are more, and that is taken then. */
const MOST = 0.8;
const AFTER_GROWTH = 0.53;

/** Slots of a table that is new. */
const LEAST = 1024;

/**
 * Pairs of a key and a value, 32-bit numbers both, in at most 16 bytes a pair (a Map takes several times as
 * much). Keys should spread evenly, as words of a hash do; one key may have several values.
 *
 * Open addressing with linear probing (Knuth, The Art of Computer Programming 3, section 6.4, algorithm L):
 * slots of a typed array one after the other. A free one has the key 0, for which 1 stands.
 */
export class PairTable {
  #slots = new Uint32Array(2 * LEAST);
  #taken = 0;

  /** @param isCurrent tells values that may be dropped, with their keys, when the table grows */
  constructor(private readonly isCurrent: (value: number) => boolean = () => true) {}

  add(key: number, value: number): void {
    if (this.#taken + 1 > (MOST * this.#slots.length) / 2) this.#grow();
    this.#put(key || 1, value);
  }

  has(key: number, value: number): boolean {
    for (const one of this.valuesOf(key)) if (one === value) return true;
    return false;
  }

  /** The values of a key. */
  *valuesOf(key: number): Generator<number> {
    const slots = this.#slots;
    const stored = key || 1;
    for (let at = this.#placeOf(stored); slots[at] !== 0; at = (at + 2) % slots.length)
      if (slots[at] === stored) yield slots[at + 1]!;
  }

  #placeOf(key: number): number {
    return 2 * Math.floor((key / 2 ** 32) * (this.#slots.length / 2));
  }

  #put(key: number, value: number): void {
    const slots = this.#slots;
    let at = this.#placeOf(key);
    while (slots[at] !== 0) at = (at + 2) % slots.length;
    slots[at] = key;
    slots[at + 1] = value;
    this.#taken++;
  }

  #grow(): void {
    const old = this.#slots;
    const isKept = (at: number): boolean => old[at] !== 0 && this.isCurrent(old[at + 1]!);
    let kept = 0;
    for (let at = 0; at < old.length; at += 2) if (isKept(at)) kept++;
    this.#slots = new Uint32Array(2 * Math.max(LEAST, Math.ceil(kept / AFTER_GROWTH)));
    this.#taken = 0;
    for (let at = 0; at < old.length; at += 2) if (isKept(at)) this.#put(old[at]!, old[at + 1]!);
  }
}
