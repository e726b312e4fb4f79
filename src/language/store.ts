import { createHash, randomUUID } from "node:crypto";
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  futimesSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
  writevSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { InputError, messageOf } from "../base/error.js";
import { makeFolder, sha256 } from "../base/file.js";

/** Hidden states of one text in float16 bits: one array of [tokens, width] a level. */
export interface HiddenStates {
  readonly tokens: number;
  readonly width: number;
  readonly levels: readonly Uint16Array[];
}

/** A file of records, named `<id>.<process that appends to it, or 0>.states`. */
interface Shard {
  path: string;
  readonly handle: number;
  /** End of the last whole record. */
  size: number;
  readonly entries: Map<string, Entry>;
}

interface Entry {
  readonly at: number;
  readonly bytes: number;
}

const SHARD_NAME = /^([\w-]+)\.(\d+)\.states$/;

/** A shard holds at most this part of the size limit. */
const SHARE = 1 / 16;

/**
 * Hidden states on disk, so that the frozen encoder reads each text once. Entries are keyed by the
 * encoder's and the text's hash and appended to shards; the least recently used shard goes where the
 * size limit would be passed.
 *
 * The index is the shards' record headers, read when the store opens: nothing that could disagree
 * with the data. A kill while writing leaves an incomplete last record, which does not count; a
 * record whose checksum is wrong is dropped with a warning, to be computed again. Several processes
 * may share a folder: each appends to shards of its own or takes over one whose process has ended,
 * and sees what the others have added when it opens the store next.
 */
export class HiddenStateStore {
  readonly #folder: string;
  readonly #encoderHash: string;
  readonly #limitBytes: number;
  /** Least recently used first. */
  readonly #shards: Set<Shard>;
  #writer: Shard | undefined;

  /** @throws InputError if the folder cannot be read and written. */
  constructor(folder: string, encoderHash: string, { limitBytes }: { limitBytes: number }) {
    this.#folder = folder;
    this.#encoderHash = encoderHash;
    this.#limitBytes = limitBytes;
    try {
      makeFolder(folder);
      const shards = readdirSync(folder)
        .filter((name) => SHARD_NAME.test(name))
        .map((name) => ifThere(() => openShard(join(folder, name), "r+")))
        .filter((shard) => shard !== undefined);
      const lastUse = (shard: Shard): number => fstatSync(shard.handle).mtimeMs;
      this.#shards = new Set(shards.sort((a, b) => lastUse(a) - lastUse(b)));
    } catch (error) {
      throw this.#unusable(error);
    }
    this.#makeRoom(0);
  }

  /** The states of a text, or undefined where they must be computed. */
  get(text: string): HiddenStates | undefined {
    const key = this.#keyOf(text);
    const shard = this.#holderOf(key);
    if (shard === undefined) return undefined;
    const states = readRecord(shard, key);
    if (states !== undefined) this.#touch(shard);
    return states;
  }

  /**
   * Keeps the states of a text; what is there already stays.
   * @throws InputError if the disk is full or the text alone passes the size limit.
   */
  put(text: string, states: HiddenStates): void {
    const key = this.#keyOf(text);
    if (this.#holderOf(key) !== undefined) return;
    const record = encodeRecord(key, states);
    const bytes = record.reduce((sum, part) => sum + part.byteLength, 0);
    if (bytes > this.#limitBytes) {
      throw new InputError(`one text's hidden states take ${bytes} of ${this.#limitBytes} bytes`, {
        file: this.#folder,
        remedy: "Raise the size limit of the cache",
      });
    }
    this.#makeRoom(bytes);
    try {
      const shard = this.#writerFor(bytes);
      const written = writevSync(shard.handle, record, shard.size);
      if (written < bytes) throw new Error(`only ${written} of ${bytes} bytes were written`);
      shard.entries.set(key, { at: shard.size, bytes });
      shard.size += bytes;
      this.#touch(shard);
    } catch (error) {
      throw this.#unusable(error);
    }
  }

  /** Closes the files and lets other stores append to them. The store is not to be used after it. */
  close(): void {
    this.#release();
    for (const shard of this.#shards) closeSync(shard.handle);
    this.#shards.clear();
  }

  #keyOf(text: string): string {
    return sha256(`${this.#encoderHash}\n${text}`);
  }

  #holderOf(key: string): Shard | undefined {
    for (const shard of this.#shards) if (shard.entries.has(key)) return shard;
    return undefined;
  }

  /** Makes a shard the most recently used one: here, and by the file's time for later stores. */
  #touch(shard: Shard): void {
    this.#shards.delete(shard);
    this.#shards.add(shard);
    const now = (performance.timeOrigin + performance.now()) / 1000; // finer than Date's milliseconds
    futimesSync(shard.handle, now, now);
  }

  /** Deletes the least recently used shards until so many bytes can be added. */
  #makeRoom(bytes: number): void {
    let total = bytes;
    for (const shard of this.#shards) total += shard.size;
    for (const shard of this.#shards) {
      if (total <= this.#limitBytes) return;
      total -= shard.size;
      closeSync(shard.handle);
      rmSync(shard.path, { force: true });
      this.#shards.delete(shard);
      if (shard === this.#writer) this.#writer = undefined;
    }
  }

  /** The shard to append so many bytes to: the one in use, else one nobody writes to, else a new one. */
  #writerFor(bytes: number): Shard {
    const hasRoom = (shard: Shard): boolean => shard.size + bytes <= this.#limitBytes * SHARE;
    if (this.#writer !== undefined && hasRoom(this.#writer)) return this.#writer;
    this.#release();
    for (const shard of this.#shards) {
      if (hasRoom(shard) && this.#claim(shard) && hasRoom(shard)) {
        this.#writer = shard;
        return shard;
      }
    }
    const path = join(this.#folder, `${randomUUID()}.${process.pid}.states`);
    this.#writer = openShard(path, "wx+");
    this.#shards.add(this.#writer);
    return this.#writer;
  }

  /** Takes over a shard whose process has ended. Renaming is atomic: only one process succeeds. */
  #claim(shard: Shard): boolean {
    const [, id, owner] = SHARD_NAME.exec(basename(shard.path))!;
    if (isRunning(Number(owner)) || !rename(shard, `${id}.${process.pid}.states`)) return false;
    scan(shard); // what others added since it was opened
    ftruncateSync(shard.handle, shard.size);
    return true;
  }

  #release(): void {
    if (this.#writer === undefined) return;
    const [, id] = SHARD_NAME.exec(basename(this.#writer.path))!;
    rename(this.#writer, `${id}.0.states`);
    this.#writer = undefined;
  }

  #unusable(error: unknown): InputError {
    return new InputError(`the hidden-state cache cannot be used: ${messageOf(error)}`, {
      file: this.#folder,
      remedy: "Free disk space or choose a cache folder you may write to",
    });
  }
}

/*
 * A record: magic, key (zero: dropped), then tokens, width and levels as little-endian 32-bit
 * integers, then the SHA-256 of key, integers and states, then the states.
 */
const MAGIC = Buffer.from("CHS1");
const KEY_AT = 4;
const COUNTS_AT = 36;
const CHECKSUM_AT = 48;
const STATES_AT = 80;
const DROPPED = Buffer.alloc(32);

function encodeRecord(key: string, { tokens, width, levels }: HiddenStates): Uint8Array[] {
  if (levels.some((level) => level.length !== tokens * width)) {
    throw new RangeError(`hidden states do not have the shape [${tokens}, ${width}]`);
  }
  const header = Buffer.alloc(STATES_AT);
  MAGIC.copy(header);
  header.write(key, KEY_AT, "hex");
  header.set(new Uint8Array(Uint32Array.of(tokens, width, levels.length).buffer), COUNTS_AT);
  const states = levels.map(
    ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
  );
  checksum(header, states).copy(header, CHECKSUM_AT);
  return [header, ...states];
}

function checksum(header: Buffer, states: readonly Uint8Array[]): Buffer {
  const hash = createHash("sha256").update(header.subarray(KEY_AT, CHECKSUM_AT));
  for (const part of states) hash.update(part);
  return hash.digest();
}

/** The states, or undefined, with a warning, where the record is corrupt; it is then dropped. */
function readRecord(shard: Shard, key: string): HiddenStates | undefined {
  const { at, bytes } = shard.entries.get(key)!;
  const record = Buffer.allocUnsafeSlow(bytes);
  const length = readSync(shard.handle, record, 0, bytes, at);
  const expected = record.subarray(CHECKSUM_AT, STATES_AT);
  if (length < bytes || !checksum(record, [record.subarray(STATES_AT)]).equals(expected)) {
    process.emitWarning(`${shard.path}: the record at byte ${at} is corrupt and is computed again`);
    shard.entries.delete(key);
    writeSync(shard.handle, DROPPED, 0, DROPPED.length, at + KEY_AT);
    return undefined;
  }
  const [tokens, width, count] = countsOf(record);
  const levels = Array.from(
    { length: count },
    (_, level) =>
      new Uint16Array(record.buffer, STATES_AT + 2 * level * tokens * width, tokens * width),
  );
  return { tokens, width, levels };
}

const countsOf = (header: Buffer): [tokens: number, width: number, levels: number] => [
  header.readUInt32LE(COUNTS_AT),
  header.readUInt32LE(COUNTS_AT + 4),
  header.readUInt32LE(COUNTS_AT + 8),
];

function openShard(path: string, flags: "r+" | "wx+"): Shard {
  const shard = { path, handle: openSync(path, flags), size: 0, entries: new Map<string, Entry>() };
  scan(shard);
  return shard;
}

/** Adds the whole records from the shard's known end on to its index. */
function scan(shard: Shard): void {
  const end = fstatSync(shard.handle).size;
  const header = Buffer.alloc(STATES_AT);
  while (shard.size + STATES_AT <= end) {
    readSync(shard.handle, header, 0, STATES_AT, shard.size);
    if (!header.subarray(0, KEY_AT).equals(MAGIC)) {
      process.emitWarning(
        `${shard.path}: no record at byte ${shard.size}; the rest is computed again`,
      );
      return;
    }
    const [tokens, width, levels] = countsOf(header);
    const bytes = STATES_AT + 2 * tokens * width * levels;
    if (shard.size + bytes > end) return; // being written, or never finished
    const key = header.subarray(KEY_AT, COUNTS_AT);
    if (!key.equals(DROPPED)) shard.entries.set(key.toString("hex"), { at: shard.size, bytes });
    shard.size += bytes;
  }
}

/** Renames a shard within its folder; false where another process has renamed or deleted it. */
function rename(shard: Shard, name: string): boolean {
  const path = join(dirname(shard.path), name);
  return (
    ifThere(() => {
      renameSync(shard.path, path);
      shard.path = path;
      return true;
    }) ?? false
  );
}

/** Whether a process runs; 0 stands for none. */
function isRunning(pid: number): boolean {
  if (pid === 0) return false;
  try {
    process.kill(pid, 0); // signal 0 only asks
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The result of a file operation, or undefined where the file is gone: other processes delete too. */
function ifThere<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
