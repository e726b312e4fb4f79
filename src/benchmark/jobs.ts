import { join } from "node:path";
import { hashes as hashesOf } from "../base/file.js";
import type { Processor } from "../graph/index.js";
import { type OpenJobs, Refused, verifyFiles } from "../jobs/index.js";
import { checkpointFiles, resolveEncoder } from "../language/index.js";
import { makeBase } from "./bases.js";
import { runCell } from "./cell.js";
import { type BenchmarkOptions, Context } from "./context.js";
import { type Encoding, encodeAll } from "./encode.js";
import type { Base, Cell, Hashes } from "./grid.js";
import type { CellResult, Predictions } from "./result.js";

/** What a thread of the benchmark is given to do. */
export type Work =
  | Encoding
  | { readonly kind: "base"; readonly base: Base }
  | { readonly kind: "cell"; readonly cell: Cell; readonly hashes: Hashes["shared"] };

/** What comes of it; encodings and bases are on disk. */
export type Outcome = { result: CellResult; predictions: Predictions } | undefined;

/** What the jobs of a grid share. */
export interface Grid {
  /** The encoder as the configuration names it: each machine finds its own copy. */
  readonly options: Omit<BenchmarkOptions, keyof Processor>;
  readonly offline?: boolean | undefined;
  /** Files that are read → SHA-256, by path; those of the encoder by name. */
  readonly files: Readonly<Record<string, string>>;
  readonly encoder: Readonly<Record<string, string>>;
}

/** Runs encodings, bases and cells. */
export const open: OpenJobs<Grid, Work, Outcome> = async (grid, processor, watcher) => {
  verifyFiles(grid.files);
  const { config } = grid.options;
  const { folder: encoder } = await resolveEncoder(config.encoder, grid, watcher);
  const own = encoderHashes(encoder);
  for (const [name, hash] of Object.entries(grid.encoder))
    if (own[name] !== hash)
      throw new Refused(`${name} is another file than the submitter's`, {
        file: encoder,
        remedy: "Copy the encoder from the machine that submits the work",
      });
  const context = new Context(
    { ...grid.options, ...processor, config: { ...config, encoder } },
    watcher,
  );
  return async (work) => {
    switch (work.kind) {
      case "encode":
        await encodeAll(work, context);
        return undefined;
      case "base":
        await makeBase(work.base, context);
        return undefined;
      case "cell":
        return runCell(work.cell, work.hashes, context);
    }
  };
};

/** SHA-256 of an encoder's files by their names. */
export const encoderHashes = (folder: string): Record<string, string> =>
  hashesOf(checkpointFiles(folder).map((name) => join(folder, name)));
