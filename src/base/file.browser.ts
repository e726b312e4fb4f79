import { sha256 as digest } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { InputError } from "./error.js";
import type * as node from "./file.js";
import { join } from "./path.browser.js";

// What stands for file.ts in a browser: files that were fetched before anything reads them.

type Bytes = Uint8Array<ArrayBuffer>;
const held = new Map<string, Bytes>();

/** Makes a file readable by a path. */
export function holdFile(path: string, bytes: Bytes): void {
  held.set(path, bytes);
}

/** Forgets all files. What was read of them stays. */
export const dropFiles = (): void => held.clear();

export const shipped: typeof node.shipped = (name) => name;

export const exists: typeof node.exists = (path) => held.has(path);

export const fileIn: typeof node.fileIn = (folder, file) => join(folder, file);

export const realPath: typeof node.realPath = (path) => path;

/** The bytes of a file, which must not be changed. @throws InputError if there is none */
export function readBytes(path: string): Bytes {
  const bytes = held.get(path);
  if (!bytes) throw new InputError("is missing", { file: path, remedy: "Load the model again" });
  return bytes;
}

/** @throws InputError if there is no such file, or it is not UTF-8 */
export const readText: typeof node.readText = (path) => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readBytes(path));
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError("is not UTF-8 text", { file: path, remedy: "Load the model again" });
  }
};

export const openBytes: typeof node.openBytes = (path) => {
  const bytes = readBytes(path);
  return {
    size: bytes.length,
    read: (begin, end) => bytes.slice(begin, end).buffer,
    close() {},
  };
};

export const sha256: typeof node.sha256 = (content) =>
  bytesToHex(digest(typeof content === "string" ? new TextEncoder().encode(content) : content));

export const sha256File: typeof node.sha256File = (path) => sha256(readBytes(path));

/** Modules that read may have functions that write, too: they are left out of what is built. */
const nothingIsWritten = (path: string): never => {
  throw new Error(`${path}: nothing is written in a browser`);
};
export const writeWhole: typeof node.writeWhole = nothingIsWritten;
export const unwritable: typeof node.unwritable = nothingIsWritten;
