import { createHash } from "node:crypto";
import { openBytes } from "../base/file.js";

/** Hidden states of one text in float16 bits: one array of [tokens, width] a level. */
export interface HiddenStates {
  readonly tokens: number;
  readonly width: number;
  readonly levels: readonly Uint16Array[];
}

/*
 * A shard is a file that is written once. Numbers are little-endian integers of 32 bits:
 *
 *   magic "CHS2"; number of texts; width; number of levels
 *   the key of each text (32 bytes)
 *   the SHA-256 of each text's key, tokens, width, number of levels and states
 *   the number of tokens of each text
 *   the states of each text, level after level
 *
 * Its name has its id, the SHA-256 of its keys: who computes the same texts again writes the same file.
 */
const MAGIC = Buffer.from("CHS2");
const HEAD = 16;
export const KEY = 32;
const ROW = KEY + 32 + 4;

/** The id of the shard of these keys, in this order. @param keys one after the other */
export const shardId = (keys: Uint8Array): string =>
  createHash("sha256").update(keys).digest("hex");

/** A file that is no whole shard of its id. */
export class BrokenShard extends Error {}

/** The bytes of a shard, in parts. @param keys one after the other */
export function shardOf(keys: Buffer, states: readonly HiddenStates[]): Uint8Array[] {
  const { width, levels } = states[0]!;
  const head = Buffer.alloc(HEAD + states.length * ROW);
  MAGIC.copy(head);
  head.set(integers(states.length, width, levels.length), MAGIC.length);
  keys.copy(head, HEAD);
  const parts = states.map((one, i) => {
    const { tokens } = one;
    if (
      one.width !== width ||
      one.levels.length !== levels.length ||
      one.levels.some(({ length }) => length !== tokens * width)
    )
      throw new RangeError(`hidden states are not ${levels.length} of [${tokens}, ${width}]`);
    const bytes = one.levels.map(
      ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
    );
    const shape = integers(tokens, width, levels.length);
    const checksum = checksumOf(keys.subarray(i * KEY, (i + 1) * KEY), shape, ...bytes);
    checksum.copy(head, HEAD + states.length * KEY + i * 32);
    head.writeUInt32LE(tokens, HEAD + states.length * (KEY + 32) + i * 4);
    return bytes;
  });
  return [head, ...parts.flat()];
}

const integers = (...values: number[]): Uint8Array =>
  new Uint8Array(Uint32Array.from(values).buffer);

function checksumOf(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** A shard that is open, with its table in memory. */
export interface Shard {
  /** The keys of its texts, one after the other. */
  readonly keys: Buffer;
  readonly size: number;
  /** The row of a text, undefined where it is not here. */
  rowOf(key: Buffer): number | undefined;
  /** The states of a row, undefined where its checksum is wrong. */
  read(row: number): HiddenStates | undefined;
  close(): void;
}

/**
 * Opens a shard and reads its table.
 * @throws BrokenShard unless it is whole and has the keys of its id; InputError if it cannot be read
 */
export function openShard(path: string, id: string): Shard {
  const file = openBytes(path);
  try {
    const { size } = file;
    const bytes = (begin: number, end: number): Buffer => Buffer.from(file.read(begin, end));
    const head = size < HEAD ? Buffer.alloc(HEAD) : bytes(0, HEAD);
    if (!head.subarray(0, MAGIC.length).equals(MAGIC)) throw new BrokenShard("is no shard");
    const [count, width, levels] = [4, 8, 12].map((at) => head.readUInt32LE(at)) as [
      number,
      number,
      number,
    ];
    const start = HEAD + count * ROW;
    if (size < start) throw new BrokenShard("ends within its table");
    const table = bytes(HEAD, start);
    const keys = table.subarray(0, count * KEY);
    const tokensOf = (row: number) => table.readUInt32LE(count * (KEY + 32) + row * 4);
    const places = [start]; // where the states of each row begin, and those of the last one end
    for (let row = 0; row < count; row++)
      places.push(places[row]! + 2 * tokensOf(row) * width * levels);
    if (size !== places[count]) throw new BrokenShard(`has ${size} of ${places[count]} bytes`);
    if (shardId(keys) !== id) throw new BrokenShard("has other keys than its name tells");
    const keyOf = (row: number) => keys.subarray(row * KEY, (row + 1) * KEY);
    return {
      keys,
      size,
      rowOf(key) {
        for (let row = 0; row < count; row++) if (keyOf(row).equals(key)) return row;
        return undefined;
      },
      read(row) {
        const tokens = tokensOf(row);
        const states = file.read(places[row]!, places[row + 1]!);
        const shape = integers(tokens, width, levels);
        const expected = table.subarray(count * KEY + row * 32, count * KEY + (row + 1) * 32);
        if (!checksumOf(keyOf(row), shape, new Uint8Array(states)).equals(expected))
          return undefined;
        const length = tokens * width;
        return {
          tokens,
          width,
          levels: Array.from(
            { length: levels },
            (_, level) => new Uint16Array(states, 2 * level * length, length),
          ),
        };
      },
      close: () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}
