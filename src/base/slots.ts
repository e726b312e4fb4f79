import { randomUUID } from "node:crypto";
import { closeSync, ftruncateSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { makeFolder, unwritable } from "./file.js";

/** Places for a pair of 32-bit numbers each, all of them 0 at first. */
export interface Slots {
  readonly length: number;
  keyAt(place: number): number;
  valueAt(place: number): number;
  put(place: number, key: number, value: number): void;
  close(): void;
}

export function slotsInMemory(length: number): Slots {
  const numbers = new Uint32Array(2 * length);
  return {
    length,
    keyAt: (place) => numbers[2 * place]!,
    valueAt: (place) => numbers[2 * place + 1]!,
    put(place, key, value) {
      numbers[2 * place] = key;
      numbers[2 * place + 1] = value;
    },
    close() {},
  };
}

/** Slots of a page: 4 KiB, what a disk reads at once. */
const PAGE = 512;

/**
 * Slots in a file without a name, which goes with the process: one page of it is in memory.
 * @throws InputError if the folder cannot be written to, every function also if the disk is full
 */
export function slotsOnDisk(folder: string, length: number): Slots {
  const path = join(folder, `table-${randomUUID()}.tmp`);
  const pages = Math.ceil(length / PAGE);
  const trying = <T>(use: () => T): T => {
    try {
      return use();
    } catch (error) {
      throw unwritable(path, error);
    }
  };
  const file = trying(() => {
    makeFolder(folder);
    const opened = openSync(path, "wx+");
    rmSync(path);
    ftruncateSync(opened, pages * PAGE * 8);
    return opened;
  });
  const numbers = new Uint32Array(2 * PAGE);
  let page = 0;
  let isChanged = false;
  /** The place of a slot in the page in memory, which is that of the slot now. */
  function turnTo(place: number): number {
    const wanted = Math.floor(place / PAGE);
    if (wanted !== page) {
      trying(() => {
        if (isChanged) writeSync(file, numbers, 0, numbers.byteLength, page * numbers.byteLength);
        readSync(file, numbers, 0, numbers.byteLength, wanted * numbers.byteLength);
      });
      page = wanted;
      isChanged = false;
    }
    return 2 * (place % PAGE);
  }
  return {
    length,
    keyAt: (place) => numbers[turnTo(place)]!,
    valueAt: (place) => numbers[turnTo(place) + 1]!,
    put(place, key, value) {
      const at = turnTo(place);
      numbers[at] = key;
      numbers[at + 1] = value;
      isChanged = true;
    },
    close: () => closeSync(file),
  };
}
