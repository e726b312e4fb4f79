import { isUtf8 } from "node:buffer";
import { createHash, randomInt } from "node:crypto";
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { InputError, messageOf } from "./error.js";

// What reads files. In a browser file.browser.ts stands for it.

/** The path of a file or folder that ships with the package, by its name in models/. */
export const shipped = (name: string): string =>
  fileURLToPath(new URL(`../../models/${name}`, import.meta.url));

/** Whether there is a file or folder. */
export const exists = (path: string): boolean => existsSync(path);

/**
 * The path of the file of a folder that tells what it holds, such as "model".
 * @throws InputError if there is none, naming the folder directly within that has one, such as the model's in a run's
 */
export function fileIn(folder: string, file: string, what: string): string {
  const path = join(folder, file);
  if (existsSync(path)) return path;
  const refusal = (problem: string, remedy = `Name the folder of the ${what}`) =>
    new InputError(problem, { file: folder, remedy });
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw refusal("is no folder");
  const folders = readdirSync(folder, { withFileTypes: true }).filter((one) => one.isDirectory());
  const inner = folders
    .map(({ name }) => join(folder, name))
    .find((one) => exists(join(one, file)));
  throw inner === undefined
    ? refusal(`holds no ${what}: there is no ${file}`)
    : refusal(`holds no ${what}, but a folder that does`, `Name ${inner}`);
}

/** Where the file lies that a path, or a link there, names. */
export const realPath = (path: string): string => realpathSync(path);

/** The bytes of a file. @throws InputError if it cannot be read. */
export function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

export function unreadable(path: string, error: unknown): InputError {
  return new InputError(`cannot be read: ${messageOf(error)}`, {
    file: path,
    remedy: "Check the path and its permissions",
  });
}

export function brokenGzip(path: string, error: unknown): InputError {
  return new InputError(`is not a whole gzip file: ${messageOf(error)}`, {
    file: path,
    remedy: "Download or compress it again",
  });
}

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * The UTF-8 text of a file, or of standard input where the path is "-"; gzip is recognised by content. A
 * character that the end of the file cuts off is replaced: a kill while writing may have done so.
 * @throws InputError if it cannot be read, or naming the line that is not UTF-8
 */
export function readText(path: string): string {
  const bytes = path === "-" ? readFileSync(0) : readBytes(path);
  const plain = isGzip(bytes) ? gunzip(path, bytes) : bytes;
  if (!isUtf8(plain)) checkLines(plain, path === "-" ? "standard input" : path);
  return plain.toString("utf8");
}

function gunzip(path: string, bytes: Buffer): Buffer {
  try {
    return gunzipSync(bytes);
  } catch (error) {
    throw brokenGzip(path, error);
  }
}

/** @throws InputError if a line is not UTF-8, but for the last one's last character if that is cut off */
function checkLines(bytes: Buffer, file: string): void {
  let line = 1;
  let start = 0;
  for (let end = bytes.indexOf("\n"); end >= 0; end = bytes.indexOf("\n", start)) {
    textOfLine(bytes.subarray(start, end), file, line);
    start = end + 1;
    line++;
  }
  const last = bytes.subarray(start);
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(last, { stream: true }); // more may come
  } catch {
    textOfLine(last, file, line);
  }
}

/** The text of a line. @throws InputError naming file and line if it is not UTF-8 */
export function textOfLine(bytes: Buffer, file: string, line: number): string {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  throw new InputError(`line ${line} is not UTF-8 text`, {
    file,
    remedy: "Save the file as UTF-8, for example: iconv -f WINDOWS-1252 -t UTF-8 OLD > NEW",
  });
}

/** The bytes of a file in pieces of at most `length`. @throws InputError if it cannot be read. */
export function* readChunks(path: string, length: number): Generator<Buffer> {
  let handle: number | undefined;
  try {
    handle = openSync(path, "r");
    const buffer = Buffer.alloc(length);
    for (;;) {
      const read = readSync(handle, buffer);
      if (read === 0) return;
      yield buffer.subarray(0, read);
    }
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/** A file whose bytes are read piece by piece: it may be larger than a buffer can be. */
export interface OpenFile {
  readonly size: number;
  /**
   * The bytes from `begin` to before `end`, in a buffer of their own.
   * @throws InputError if they cannot be read
   */
  read(begin: number, end: number): ArrayBuffer;
  close(): void;
}

/** Opens a file to read pieces of it. @throws InputError if it cannot be read. */
export function openBytes(path: string): OpenFile {
  try {
    const handle = openSync(path, "r");
    return {
      size: fstatSync(handle).size,
      read(begin, end) {
        const bytes = new Uint8Array(end - begin);
        for (let done = 0; done < bytes.length; ) {
          const length = Math.min(bytes.length - done, MOST_AT_ONCE);
          done += readPiece(path, handle, bytes.subarray(done, done + length), begin + done);
        }
        return bytes.buffer;
      },
      close: () => closeSync(handle),
    };
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** One call of the system reads less than 2 GiB. */
const MOST_AT_ONCE = 2 ** 30;

function readPiece(path: string, handle: number, into: Uint8Array, position: number): number {
  let read: number;
  try {
    read = readSync(handle, into, 0, into.length, position);
  } catch (error) {
    throw unreadable(path, error);
  }
  if (read === 0) throw unreadable(path, "it has become shorter");
  return read;
}

/**
 * Makes a folder and those above it, where they do not exist. (Node's recursive mkdir never returns
 * where the file system refuses a folder as not existing, as /proc does.)
 * @throws InputError if one of them is a file
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) {
    if (statSync(path).isDirectory()) return;
    throw new InputError("is a file, not a folder", {
      file: path,
      remedy: "Choose another folder, or move the file away",
    });
  }
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if (!existsSync(path)) throw error; // else another process was first
  }
}

/**
 * Writes a whole file or nothing: to a temporary neighbour first, synced, then renamed.
 * @param content text, bytes, or bytes in parts
 * @throws InputError if the disk is full or the folder cannot be written.
 */
export function writeWhole(
  path: string,
  content: string | Uint8Array | readonly Uint8Array[],
): void {
  const temporary = temporaryOf(path);
  try {
    makeFolder(dirname(path));
    const handle = openSync(temporary, "w");
    try {
      const whole = typeof content === "string" ? Buffer.from(content, "utf8") : content;
      for (const bytes of whole instanceof Uint8Array ? [whole] : whole)
        for (let done = 0; done < bytes.length; ) done += writeSync(handle, bytes, done);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, path);
  } catch (error) {
    if (existsSync(temporary)) rmSync(temporary);
    throw unwritable(path, error);
  }
}

/** The neighbour that a file is written to before it takes its name. */
export const temporaryOf = (path: string): string => `${path}.${process.pid}.${WRITER}.tmp`;

/** This thread, beside others of the process and those of other machines that share a folder. */
const WRITER = randomInt(2 ** 47);

/** What to tell of a failure to write; an InputError has said it. */
export function unwritable(path: string, error: unknown): InputError {
  if (error instanceof InputError) return error;
  return new InputError(`cannot be written: ${messageOf(error)}`, {
    file: path,
    remedy: "Free disk space or choose a folder you may write to",
  });
}

/** Hexadecimal SHA-256 of text or bytes. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** SHA-256 of files by name; where they lie does not matter. A name that stands twice is numbered. */
export function hashes(files: readonly string[]): Record<string, string> {
  const result: Record<string, string> = {};
  for (const file of files) {
    let name = basename(file);
    for (let i = 2; name in result; i++) name = `${basename(file)} (${i})`;
    result[name] = sha256File(file);
  }
  return result;
}

/** Hexadecimal SHA-256 of a file of any size. @throws InputError if it cannot be read. */
export function sha256File(path: string): string {
  const hash = createHash("sha256");
  for (const chunk of readChunks(path, 1 << 20)) hash.update(chunk);
  return hash.digest("hex");
}
