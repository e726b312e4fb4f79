import {
  createReadStream,
  createWriteStream,
  existsSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { InputError } from "./error.js";
import {
  brokenGzip,
  isGzip,
  makeFolder,
  readChunks,
  temporaryOf,
  textOfLine,
  unreadable,
  unwritable,
} from "./file.js";

/** A line of a file without its end, and which part of the file has been read by then, from 0 to 1. */
export interface Line {
  readonly text: string;
  readonly share: number;
}

/**
 * The lines of a file of any size, one after the other; gzip is recognised by content. Lines end at
 * "\n" alone: other separators may stand inside JSON.
 * @throws InputError if the file cannot be read, or naming the line that is not UTF-8
 */
export async function* readLines(path: string): AsyncGenerator<Line> {
  const [head = Buffer.alloc(0)] = readChunks(path, 2);
  const { size } = statSync(path);
  const file = createReadStream(path);
  const plain = isGzip(head) ? file.pipe(createGunzip()) : file;
  // pipe() does not hand errors on, and the one who waits for text must hear of them.
  file.on("error", (error) => plain.destroy(unreadable(path, error)));
  let line = 0;
  let begun: Buffer[] = []; // pieces of a line whose end is not read yet
  const whole = () => textOfLine(Buffer.concat(begun), path, ++line);
  try {
    for await (const chunk of plain as AsyncIterable<Buffer>) {
      let start = 0;
      for (let end = chunk.indexOf("\n"); end >= 0; end = chunk.indexOf("\n", start)) {
        begun.push(chunk.subarray(start, end));
        yield { text: whole(), share: file.bytesRead / size };
        begun = [];
        start = end + 1;
      }
      begun.push(chunk.subarray(start));
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw isGzip(head) ? brokenGzip(path, error) : unreadable(path, error);
  } finally {
    file.destroy();
  }
  const last = whole();
  if (last !== "") yield { text: last, share: 1 };
}

/**
 * As {@link writeWhole}, for text of any length, piece by piece. What its source throws is thrown, and then
 * nothing is written.
 * @throws InputError if the disk is full or the folder cannot be written.
 */
export async function writePieces(
  path: string,
  pieces: AsyncIterable<string>,
  { gzip = false } = {},
): Promise<void> {
  const temporary = temporaryOf(path);
  let failure: unknown;
  async function* source(): AsyncGenerator<string> {
    try {
      yield* pieces;
    } catch (error) {
      failure = error;
      throw error;
    }
  }
  try {
    makeFolder(dirname(path));
    const file = createWriteStream(temporary, { flush: true });
    await (gzip ? pipeline(source, createGzip(), file) : pipeline(source, file));
    renameSync(temporary, path);
  } catch (error) {
    if (existsSync(temporary)) rmSync(temporary);
    throw failure ?? unwritable(path, error);
  }
}

/** {@link writePieces} of lines, compressed by gzip. */
export async function writeLinesGzip(path: string, lines: AsyncIterable<string>): Promise<void> {
  async function* ended(): AsyncGenerator<string> {
    for await (const line of lines) yield `${line}\n`;
  }
  await writePieces(path, ended(), { gzip: true });
}
