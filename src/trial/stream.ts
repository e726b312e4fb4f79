import { existsSync, statSync } from "node:fs";
import { basename } from "node:path";
import type { InputError } from "../base/error.js";
import { openBytes } from "../base/file.js";
import { readLines } from "../base/lines.js";
import { Interrupted, type Watcher } from "../base/watcher.js";
import { filesOf, isNdjson, parseLine, readTrials } from "./read.js";
import type { TrialRecord } from "./record.js";

/** A trial or a bad row, and which part of its source has been read by then, from 0 to 1. */
export interface StreamedTrial {
  readonly entry: TrialRecord | InputError;
  readonly share: number;
}

/**
 * The trials of what {@link readTrials} reads, one after the other, bad rows among them. NDJSON is
 * read line by line, so that it may be larger than memory; the other formats are read whole.
 * @throws InputError for an unreadable file or a CSV without the needed columns
 */
export async function* streamTrials(path: string): AsyncGenerator<StreamedTrial> {
  const files = filesOf(path);
  for (const [index, file] of files.entries()) {
    const parts = (await startsAsNdjson(file)) ? linesOf(file) : allOf(file);
    for await (const { entry, share } of parts)
      yield { entry, share: (index + share) / files.length };
  }
}

/**
 * {@link streamTrials} of several paths, one after the other. The watcher is told which one is read, and how many of
 * its bytes have been; it is told of none if one of them cannot be read at all.
 * @throws InputError as streamTrials, Interrupted if the watcher stops it
 */
export async function* watchTrials(
  paths: readonly string[],
  watcher: Watcher,
): AsyncGenerator<StreamedTrial["entry"]> {
  const sized = paths.map((path) => ({ path, size: sizeOf(path) }));
  for (const { path, size } of sized) {
    const report = (done: number) =>
      watcher.report({ stage: `Reading ${basename(path)}`, done, total: size, unit: "bytes" });
    report(0);
    let told = 0;
    for await (const { entry, share } of streamTrials(path)) {
      if (share - told >= 0.01) {
        told = share;
        report(Math.floor(share * size));
      }
      if (watcher.stopping()) throw Interrupted.withNothing();
      yield entry;
    }
    report(size);
  }
}

/** Bytes of what a path stands for; 1 where they cannot be known. @throws InputError if it cannot be read */
function sizeOf(path: string): number {
  if (path === "-") return 1;
  const sizes = filesOf(path).map((file) => {
    const { size, close } = openBytes(file);
    close();
    return size;
  });
  return sizes.reduce((sum, size) => sum + size, 0) || 1;
}

async function startsAsNdjson(file: string): Promise<boolean> {
  if (!existsSync(file) || !statSync(file).isFile()) return false;
  const first: string[] = [];
  for await (const { text } of readLines(file)) {
    if (text.trim() !== "") first.push(text.replace(/^\uFEFF/, ""));
    if (first.length === 2) break;
  }
  return isNdjson(first.join("\n"));
}

async function* linesOf(file: string): AsyncGenerator<StreamedTrial> {
  let row = 0;
  for await (const { text, share } of readLines(file)) {
    row++;
    const line = row === 1 ? text.replace(/^\uFEFF/, "") : text;
    if (line.trim() !== "") yield { entry: parseLine(line, { file, row }), share };
  }
}

function* allOf(file: string): Generator<StreamedTrial> {
  const { records, invalid } = readTrials(file, { skipInvalid: true });
  const entries = [...invalid, ...records];
  for (const [index, entry] of entries.entries())
    yield { entry, share: (index + 1) / entries.length };
}
