import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { gunzipSync } from "node:zlib";
import { InputError, messageOf } from "./error.js";

/** The bytes of a file. @throws InputError if it cannot be read. */
export function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new InputError(`cannot be read: ${messageOf(error)}`, {
      file: path,
      remedy: "Check the path and its permissions",
    });
  }
}

/** The UTF-8 text of a file, or of standard input where the path is "-"; gzip is recognised by content. */
export function readText(path: string): string {
  const bytes = path === "-" ? readFileSync(0) : readBytes(path);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.toString("utf8");
  try {
    return gunzipSync(bytes).toString("utf8");
  } catch (error) {
    throw new InputError(`is not a whole gzip file: ${messageOf(error)}`, {
      file: path,
      remedy: "Download or compress it again",
    });
  }
}

/**
 * Makes a folder and those above it, where they do not exist. (Node's recursive mkdir never returns
 * where the file system refuses a folder as not existing, as /proc does.)
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if (!existsSync(path)) throw error; // else another process was first
  }
}

/**
 * Writes a whole file or nothing: to a temporary neighbour first, synced, then renamed.
 * @throws InputError if the disk is full or the folder cannot be written.
 */
export function writeWhole(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    makeFolder(dirname(path));
    const handle = openSync(temporary, "w");
    try {
      const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : content;
      for (let done = 0; done < bytes.length; ) done += writeSync(handle, bytes, done);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, path);
  } catch (error) {
    if (existsSync(temporary)) rmSync(temporary);
    throw new InputError(`cannot be written: ${messageOf(error)}`, {
      file: path,
      remedy: "Free disk space or choose a folder you may write to",
    });
  }
}

/** Hexadecimal SHA-256 of text or bytes. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
