import { createHash } from "node:crypto";
import { existsSync, readdirSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { InputError, messageOf } from "../base/error.js";
import { makeFolder, readBytes, writeWhole } from "../base/file.js";
import { PairTable } from "../base/pair-table.js";
import {
  BrokenShard,
  type HiddenStates,
  KEY,
  openShard,
  type Shard,
  shardId,
  shardOf,
} from "./shard.js";

const EXTENSION = ".shard";

/** A temporary file of a process that was killed, for nothing is written for so long. */
const LEFT_BEHIND_MS = 3600e3;

/** The part of its time that a store may look for shards of others. */
const SCANNING = 1 / 20;

/**
 * Hidden states on disk, so that the frozen encoder reads each text once: a folder of shards (see
 * shard.ts), each written once and named by its contents. Any number of processes, on any machines, may read
 * and write the same folder; nothing is locked, and what a kill leaves behind is a temporary file.
 *
 * Where each text's states are is read from the tables of the shards into one of 32 bits of a text's hash and a shard's
 * number, of which a large one lies on disk; shards that others add are found when a text is looked for that was not
 * here. The least recently used shards
 * (by the files' times, of all encoders) go where the size limit would be passed, but none that has been used since
 * the store was opened.
 */
export class HiddenStateStore {
  readonly folder: string;
  readonly #encoderHash: string;
  /** What the names of this encoder's shards begin with. */
  readonly #prefix: string;
  readonly #limitBytes: number;
  readonly #openedAt = Date.now() - 1; // the file system cuts times off to microseconds
  /** Bytes of each shard in the folder by its name. */
  readonly #sizes = new Map<string, number>();
  #total = 0;
  /** This encoder's shards by the number that they have in the index. */
  readonly #names: string[] = [];
  readonly #index: PairTable;
  /** The shard that was read last: most readers go through the texts as they were written. */
  #open: { readonly name: string; readonly shard: Shard } | undefined;
  readonly #warned = new Set<string>();
  #mayScanAt = 0;

  /** @throws InputError if the folder cannot be read and written. */
  constructor(folder: string, encoderHash: string, { limitBytes }: { limitBytes: number }) {
    this.folder = folder;
    this.#encoderHash = encoderHash;
    this.#index = new PairTable(folder, (number) => this.#sizes.has(this.#names[number]!));
    this.#prefix = `${createHash("sha256").update(encoderHash).digest("hex").slice(0, 16)}-`;
    this.#limitBytes = limitBytes;
    try {
      makeFolder(folder);
    } catch (error) {
      throw this.#unusable(error);
    }
    for (const name of this.#list())
      if (name.includes(EXTENSION) && name.endsWith(".tmp")) this.#removeLeftBehind(name);
    this.#scan();
    this.#makeRoom(0);
  }

  /** The states of a text, or undefined where they must be computed. */
  get(text: string): HiddenStates | undefined {
    return this.#find(text, (shard, row) => shard.read(row));
  }

  /** Whether there are states of a text; whether they are undamaged is seen when they are read. */
  has(text: string): boolean {
    return this.#find(text, () => true) ?? false;
  }

  /** The id of the shard that texts would be written to, in this order: one of the work of encoding them, too. */
  idOf(texts: readonly string[]): string {
    return shardId(this.#keysOf(texts));
  }

  /**
   * Writes the states of one text or more, in their order, to a shard of their own. Where it is there already it is
   * written again: with the same bytes.
   * @throws InputError if the disk is full, or the size limit does not suffice for the shards in use
   */
  write(texts: readonly string[], states: readonly HiddenStates[]): void {
    this.#write(this.#keysOf(texts), states);
  }

  /** The bytes of the shard that {@link write} has written. @throws InputError if it is gone */
  shardOf(texts: readonly string[]): Buffer {
    return readBytes(this.#pathOf(this.#nameOf(this.#keysOf(texts))));
  }

  /** Keeps a shard that another store has written. @throws InputError as {@link write} */
  take(texts: readonly string[], shard: Uint8Array): void {
    this.#keep(this.#keysOf(texts), [shard]);
  }

  /** The store is not to be used after it. */
  close(): void {
    this.#closeShard();
    this.#index.close();
  }

  #closeShard(): void {
    this.#open?.shard.close();
    this.#open = undefined;
  }

  #keyOf(text: string): Buffer {
    return createHash("sha256").update(`${this.#encoderHash}\n${text}`).digest();
  }

  #keysOf(texts: readonly string[]): Buffer {
    return Buffer.concat(texts.map((text) => this.#keyOf(text)));
  }

  #nameOf(keys: Buffer): string {
    return `${this.#prefix}${shardId(keys)}${EXTENSION}`;
  }

  #find<T>(text: string, take: (shard: Shard, row: number) => T | undefined): T | undefined {
    const key = this.#keyOf(text);
    const found = this.#lookUp(key, take);
    if (found !== undefined || performance.now() < this.#mayScanAt) return found;
    this.#scan();
    return this.#lookUp(key, take);
  }

  #lookUp<T>(key: Buffer, take: (shard: Shard, row: number) => T | undefined): T | undefined {
    for (const number of this.#index.valuesOf(key.readUInt32LE())) {
      const name = this.#names[number]!;
      if (!this.#sizes.has(name)) continue;
      const shard = this.#use(name);
      const row = shard?.rowOf(key);
      if (shard === undefined || row === undefined) continue;
      const found = take(shard, row);
      if (found !== undefined) return found;
      this.#salvage(name, shard, row);
    }
    return undefined;
  }

  /** The open shard of a name, now the most recently used one; undefined where it is gone. */
  #use(name: string): Shard | undefined {
    if (this.#open?.name === name) return this.#open.shard;
    const shard = this.#read(name);
    if (shard === undefined) return undefined;
    this.#closeShard();
    this.#open = { name, shard };
    this.#touch(name);
    return shard;
  }

  /** Opens a shard; undefined, with a warning, where it is broken, and where another process has deleted it. */
  #read(name: string): Shard | undefined {
    const path = this.#pathOf(name);
    try {
      return openShard(path, name.slice(this.#prefix.length, -EXTENSION.length));
    } catch (error) {
      if (existsSync(path)) {
        if (!(error instanceof BrokenShard)) throw error;
        // It may still be on its way here, by a program that copies into place: it is not deleted.
        if (!this.#warned.has(name))
          process.emitWarning(`${path}: ${error.message}; its texts are computed again`);
        this.#warned.add(name);
      }
      this.#forget(name);
      return undefined;
    }
  }

  /** Replaces a shard with a damaged record by one of the others. */
  #salvage(name: string, shard: Shard, damaged: number): void {
    process.emitWarning(
      `${this.#pathOf(name)}: the states of text ${damaged + 1} are damaged and computed again`,
    );
    const keys: Buffer[] = [];
    const states: HiddenStates[] = [];
    for (let at = 0; at < shard.keys.length; at += KEY) {
      const one = shard.read(at / KEY);
      if (one === undefined) continue;
      keys.push(shard.keys.subarray(at, at + KEY));
      states.push(one);
    }
    this.#delete(name);
    if (states.length > 0) this.#write(Buffer.concat(keys), states);
  }

  #write(keys: Buffer, states: readonly HiddenStates[]): void {
    this.#keep(keys, shardOf(keys, states));
  }

  #keep(keys: Buffer, parts: readonly Uint8Array[]): void {
    const name = this.#nameOf(keys);
    const bytes = parts.reduce((sum, part) => sum + part.byteLength, 0);
    this.#forget(name);
    this.#makeRoom(bytes);
    try {
      writeWhole(this.#pathOf(name), parts);
      this.#touch(name);
    } catch (error) {
      throw this.#unusable(error);
    }
    this.#add(name, keys, bytes);
  }

  /** Notes the shards that have come or gone. */
  #scan(): void {
    const start = performance.now();
    const present = new Set(this.#list().filter((name) => name.endsWith(EXTENSION)));
    for (const name of this.#sizes.keys()) if (!present.has(name)) this.#forget(name);
    for (const name of present) {
      if (this.#sizes.has(name)) continue;
      if (name.startsWith(this.#prefix)) {
        const shard = this.#read(name);
        if (shard !== undefined) this.#add(name, shard.keys, shard.size);
        shard?.close();
      } else {
        const { size } = this.#stat(name) ?? {};
        if (size !== undefined) this.#remember(name, size);
      }
    }
    const end = performance.now();
    this.#mayScanAt = end + (end - start) * (1 / SCANNING - 1);
  }

  #list(): string[] {
    try {
      return readdirSync(this.folder);
    } catch (error) {
      throw this.#unusable(error);
    }
  }

  #add(name: string, keys: Buffer, bytes: number): void {
    this.#remember(name, bytes);
    const number = this.#names.push(name) - 1;
    for (let at = 0; at < keys.length; at += KEY) this.#index.add(keys.readUInt32LE(at), number);
  }

  #remember(name: string, bytes: number): void {
    this.#sizes.set(name, bytes);
    this.#total += bytes;
  }

  #forget(name: string): void {
    this.#total -= this.#sizes.get(name) ?? 0;
    this.#sizes.delete(name);
    if (this.#open?.name === name) this.#closeShard();
  }

  #delete(name: string): void {
    try {
      rmSync(this.#pathOf(name), { force: true });
    } catch (error) {
      throw this.#unusable(error);
    }
    this.#forget(name);
  }

  /**
   * Deletes the least recently used shards until so many bytes can be added.
   * @throws InputError if only shards are left that have been used since the store was opened
   */
  #makeRoom(bytes: number): void {
    if (this.#total + bytes <= this.#limitBytes) return;
    this.#scan(); // others delete, too
    const shards = [...this.#sizes.keys()].map((name) => ({
      name,
      usedAt: this.#stat(name)?.mtimeMs ?? 0,
    }));
    for (const { name, usedAt } of shards.sort((a, b) => a.usedAt - b.usedAt)) {
      if (this.#total + bytes <= this.#limitBytes) return;
      if (usedAt >= this.#openedAt) break;
      this.#delete(name);
    }
    if (this.#total + bytes <= this.#limitBytes) return;
    throw new InputError(
      `the hidden states in use take ${gigabytes(this.#total + bytes)} GB where ` +
        `${gigabytes(this.#limitBytes)} are allowed`,
      { file: this.folder, remedy: "Raise the size limit of the cache (--cache-limit)" },
    );
  }

  #removeLeftBehind(name: string): void {
    const { mtimeMs = Number.POSITIVE_INFINITY } = this.#stat(name) ?? {};
    if (mtimeMs < Date.now() - LEFT_BEHIND_MS) this.#delete(name);
  }

  /** Makes a shard the most recently used one, for other stores, too. */
  #touch(name: string): void {
    const now = Date.now() / 1000;
    try {
      utimesSync(this.#pathOf(name), now, now);
    } catch {
      // It is gone, or belongs to another user, who alone may set its time. It can be read all the same.
    }
  }

  #stat(name: string): { readonly size: number; readonly mtimeMs: number } | undefined {
    return statSync(this.#pathOf(name), { throwIfNoEntry: false });
  }

  #pathOf(name: string): string {
    return join(this.folder, name);
  }

  #unusable(error: unknown): InputError {
    const problem = error instanceof InputError ? error.problem : messageOf(error);
    return new InputError(`the hidden-state cache cannot be used: ${problem}`, {
      file: this.folder,
      remedy:
        "Free disk space or choose a cache folder you may write to; what is finished is kept, and the command " +
        "goes on when it is run again",
    });
  }
}

const gigabytes = (bytes: number): string => (bytes / 1e9).toPrecision(3);
