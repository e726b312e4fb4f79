import { type Slots, slotsInMemory, slotsOnDisk } from "./slots.js";

/** Of its slots, the part that may be taken before there are more, and that is taken then. */
const MOST = 0.8;
const AFTER_GROWTH = 0.53;

/** Slots of a table that is new. */
const LEAST = 1024;
/** Slots in memory, 1 MiB of them. */
const IN_MEMORY = 2 ** 17;

/**
 * Pairs of a key and a value, 32-bit numbers both, in at most 16 bytes a pair, and of any number of pairs at most a
 * MiB in memory: what is more is moved to a file, one page of which is read for a key. Keys should spread evenly,
 * as words of a hash do; one key may have several values.
 */
export class PairTable {
  #inMemory = new Part(slotsInMemory(LEAST));
  #onDisk: Part | undefined;

  /**
   * @param folder where the file of a large table is
   * @param isCurrent tells values that may be dropped, with their keys, when the table grows
   */
  constructor(
    private readonly folder: string,
    private readonly isCurrent: (value: number) => boolean = () => true,
  ) {}

  /** @throws InputError if pairs must go to disk, and the folder cannot be written to or the disk is full */
  add(key: number, value: number): void {
    if (!this.#inMemory.hasRoom(1)) this.#grow();
    this.#inMemory.put(key || 1, value);
  }

  has(key: number, value: number): boolean {
    return this.valuesOf(key).includes(value);
  }

  /** The values of a key. */
  valuesOf(key: number): number[] {
    return [...(this.#onDisk?.valuesOf(key || 1) ?? []), ...this.#inMemory.valuesOf(key || 1)];
  }

  /** The table is not to be used after it. */
  close(): void {
    this.#onDisk?.slots.close();
  }

  #grow(): void {
    const pairs = this.#inMemory;
    const length = lengthFor(this.#countCurrent(pairs));
    if (length > IN_MEMORY) this.#toDisk(pairs);
    this.#inMemory = new Part(slotsInMemory(Math.min(length, IN_MEMORY)));
    if (length <= IN_MEMORY) this.#copy(pairs, this.#inMemory);
  }

  #toDisk(pairs: Part): void {
    const before = this.#onDisk;
    const more = this.#countCurrent(pairs);
    if (!before?.hasRoom(more)) {
      const kept = before === undefined ? 0 : this.#countCurrent(before);
      this.#onDisk = new Part(slotsOnDisk(this.folder, lengthFor(kept + more)));
      if (before !== undefined) this.#copy(before, this.#onDisk);
      before?.slots.close();
    }
    this.#copy(pairs, this.#onDisk!);
  }

  #countCurrent(part: Part): number {
    let count = 0;
    for (const [, value] of part.pairs()) if (this.isCurrent(value)) count++;
    return count;
  }

  #copy(from: Part, to: Part): void {
    for (const [key, value] of from.pairs()) if (this.isCurrent(value)) to.put(key, value);
  }
}

const lengthFor = (pairs: number): number => Math.max(LEAST, Math.ceil(pairs / AFTER_GROWTH));

/**
 * Open addressing with linear probing (Knuth, The Art of Computer Programming 3, section 6.4, algorithm L): slots
 * one after the other. A free one has the key 0. Places rise with keys, so that copying one part into another goes
 * through both of them, and their pages, once.
 */
class Part {
  #taken = 0;

  constructor(readonly slots: Slots) {}

  hasRoom(pairs: number): boolean {
    return this.#taken + pairs <= MOST * this.slots.length;
  }

  put(key: number, value: number): void {
    const { slots } = this;
    let place = this.#placeOf(key);
    while (slots.keyAt(place) !== 0) place = (place + 1) % slots.length;
    slots.put(place, key, value);
    this.#taken++;
  }

  valuesOf(key: number): number[] {
    const { slots } = this;
    const values: number[] = [];
    for (let place = this.#placeOf(key); ; place = (place + 1) % slots.length) {
      const found = slots.keyAt(place);
      if (found === 0) return values;
      if (found === key) values.push(slots.valueAt(place));
    }
  }

  *pairs(): Generator<readonly [key: number, value: number]> {
    for (let place = 0; place < this.slots.length; place++) {
      const key = this.slots.keyAt(place);
      if (key !== 0) yield [key, this.slots.valueAt(place)];
    }
  }

  #placeOf(key: number): number {
    return Math.floor((key / 2 ** 32) * this.slots.length);
  }
}
