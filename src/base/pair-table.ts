import { type Slots, slotsInMemory, slotsOnDisk } from "./slots.js";

/** Of its slots, the part that may be taken before there are more, and that is taken then. */
const MOST = 0.8;
const AFTER_GROWTH = 0.53;

/** Slots of a table that is new. */
const LEAST = 1024;
/** Slots that are kept in memory, 1 MiB of them; a larger table lies on disk. */
const IN_MEMORY = 2 ** 17;

/**
 * Pairs of a key and a value, 32-bit numbers both, in at most 16 bytes a pair, and of any number of pairs at most a
 * MiB in memory: a larger table is a file, one page of which is read for a key. Keys should spread evenly, as words
 * of a hash do; one key may have several values.
 *
 * Open addressing with linear probing (Knuth, The Art of Computer Programming 3, section 6.4, algorithm L):
 * slots one after the other. A free one has the key 0, for which 1 stands. Places rise with keys, so that a table
 * that grows is read and written from its beginning to its end.
 */
export class PairTable {
  #slots = slotsInMemory(LEAST);
  #taken = 0;

  /**
   * @param folder where the file of a large table is
   * @param isCurrent tells values that may be dropped, with their keys, when the table grows
   */
  constructor(
    private readonly folder: string,
    private readonly isCurrent: (value: number) => boolean = () => true,
  ) {}

  /** @throws InputError if the table must go to disk, and the folder cannot be written to or the disk is full */
  add(key: number, value: number): void {
    if (this.#taken + 1 > MOST * this.#slots.length) this.#grow();
    this.#put(key || 1, value);
  }

  has(key: number, value: number): boolean {
    return this.valuesOf(key).includes(value);
  }

  /** The values of a key. */
  valuesOf(key: number): number[] {
    const slots = this.#slots;
    const stored = key || 1;
    const values: number[] = [];
    for (let place = this.#placeOf(stored); ; place = (place + 1) % slots.length) {
      const found = slots.keyAt(place);
      if (found === 0) return values;
      if (found === stored) values.push(slots.valueAt(place));
    }
  }

  /** The table is not to be used after it. */
  close(): void {
    this.#slots.close();
  }

  #placeOf(key: number): number {
    return Math.floor((key / 2 ** 32) * this.#slots.length);
  }

  #put(key: number, value: number): void {
    const slots = this.#slots;
    let place = this.#placeOf(key);
    while (slots.keyAt(place) !== 0) place = (place + 1) % slots.length;
    slots.put(place, key, value);
    this.#taken++;
  }

  #grow(): void {
    const old = this.#slots;
    let kept = 0;
    for (const _ of this.#currentOf(old)) kept++;
    const length = Math.max(LEAST, Math.ceil(kept / AFTER_GROWTH));
    this.#slots = length > IN_MEMORY ? slotsOnDisk(this.folder, length) : slotsInMemory(length);
    this.#taken = 0;
    for (const [key, value] of this.#currentOf(old)) this.#put(key, value);
    old.close();
  }

  *#currentOf(slots: Slots): Generator<readonly [key: number, value: number]> {
    for (let place = 0; place < slots.length; place++) {
      const key = slots.keyAt(place);
      if (key === 0) continue;
      const value = slots.valueAt(place);
      if (this.isCurrent(value)) yield [key, value];
    }
  }
}
