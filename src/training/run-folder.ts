import { appendFileSync, existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { InputError, messageOf } from "../base/error.js";
import { readBytes, readText, sha256, writeWhole } from "../base/file.js";
import { parseJson } from "../base/json.js";
import { readSafetensors, type TensorData, writeSafetensors } from "../base/safetensors.js";
import type { Device } from "../graph/index.js";

/** What decides the result of a run. Paths do not: data counts by its hash. */
export interface RunConfiguration {
  readonly command: string;
  readonly seed: number;
  /** Name and commit of an encoder that was given by name: for the record, since its hash decides. */
  readonly encoder?: string | undefined;
  /** Recorded where it is not the CPU: devices round differently. */
  readonly device?: Device | undefined;
  readonly settings: unknown;
  /** File name → SHA-256 of everything the run reads. */
  readonly data: Readonly<Record<string, string>>;
}

/** Everything a training needs to go on exactly where it was. */
export interface Checkpoint {
  readonly step: number;
  /** Numbers beside the tensors, such as the best validation score so far. */
  readonly notes: Readonly<Record<string, number>>;
  readonly tensors: Map<string, TensorData>;
}

/** Where a training keeps its metrics and checkpoints. */
export interface RunRecord {
  /** What the user named with --out. */
  readonly run: string;
  record(line: { readonly step: number } & Readonly<Record<string, unknown>>): void;
  save(checkpoint: Checkpoint): void;
  load(): Checkpoint | undefined;
}

/** For a training so short that it is done again rather than resumed. */
export const UNRECORDED: RunRecord = {
  run: "memory",
  record() {},
  save() {},
  load: () => undefined,
};

/**
 * The folder of one training run: `config.json`, `metrics.ndjson`, and the latest checkpoint with its
 * hash. A run killed at any moment resumes from the latest checkpoint to the same result, bit by bit.
 */
export class RunFolder implements RunRecord {
  private constructor(
    readonly path: string,
    /** What the user named with --out: this folder, or the one it lies in. */
    readonly run: string,
    private readonly metrics: string,
  ) {}

  /**
   * Opens the folder for a new run, or for the same run again with `resume`.
   * @throws InputError if it holds a run and `resume` was not asked for, or a different run.
   */
  static open(
    path: string,
    { device, ...configuration }: RunConfiguration,
    resume: boolean,
    run = path,
  ): RunFolder {
    RunFolder.refuseOther(path, resume);
    const file = configurationOf(path);
    const text = `${JSON.stringify({ ...configuration, ...(device !== "cpu" && { device }) }, null, 2)}\n`;
    if (!existsSync(file)) {
      writeWhole(file, text);
    } else {
      const { encoder } = configuration;
      const [before, now] = [readJson<object>(file), JSON.parse(text)];
      const field = difference({ ...before, encoder }, { ...now, encoder });
      if (field !== undefined)
        throw new InputError("differs from the run that is to be resumed", {
          file,
          field,
          remedy: "Resume with the settings and data it was started with, or choose another --out",
        });
    }
    for (const name of readdirSync(path)) if (LEFT_BEHIND.test(name)) rmSync(join(path, name));
    return new RunFolder(path, run, join(path, "metrics.ndjson"));
  }

  /**
   * For a look before long work whose outcome the configuration needs.
   * @throws InputError if the folder holds a run and `resume` was not asked for
   */
  static refuseOther(path: string, resume: boolean): void {
    if (!resume && existsSync(configurationOf(path)))
      throw new InputError("this folder already holds a run", {
        file: path,
        remedy: "Add --resume to go on with it, or choose another folder with --out",
      });
  }

  /** @throws InputError if the folder holds no run that `resume` could go on with */
  static refuseNone(path: string): void {
    if (!existsSync(configurationOf(path)))
      throw new InputError("there is no run to go on with", {
        file: path,
        remedy: "Correct --out, or start without --resume",
      });
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /** Appends one line to `metrics.ndjson`. @throws InputError if the disk is full. */
  record(line: { readonly step: number } & Readonly<Record<string, unknown>>): void {
    try {
      appendFileSync(this.metrics, `${JSON.stringify(line)}\n`);
    } catch (error) {
      throw new InputError(`cannot be written: ${messageOf(error)}`, {
        file: this.metrics,
        remedy: "Free disk space, then go on with --resume",
      });
    }
  }

  /** Writes a checkpoint, then points to it, then removes the one before it. */
  save({ step, notes, tensors }: Checkpoint): void {
    const name = `checkpoint-${step}.safetensors`;
    writeSafetensors(this.file(name), tensors, { dtype: "F32" });
    const hash = sha256(readBytes(this.file(name)));
    writeWhole(
      this.file("checkpoint.json"),
      `${JSON.stringify({ step, notes, name, sha256: hash })}\n`,
    );
    // Also what a kill while writing left behind.
    for (const other of readdirSync(this.path))
      if (/^checkpoint-.*\.safetensors/.test(other) && other !== name) rmSync(this.file(other));
  }

  /**
   * The latest checkpoint, or undefined before the first. Metrics after it are dropped: they will be
   * measured again. @throws InputError if the checkpoint was truncated or altered.
   */
  load(): Checkpoint | undefined {
    const pointer = this.file("checkpoint.json");
    if (!existsSync(pointer)) {
      rmSync(this.metrics, { force: true });
      return undefined;
    }
    const {
      step,
      notes,
      name,
      sha256: expected,
    } = readJson<{
      step: number;
      notes: Record<string, number>;
      name: string;
      sha256: string;
    }>(pointer);
    if (typeof name !== "string" || typeof step !== "number")
      throw new InputError("does not name a checkpoint", { file: pointer, remedy: RESTORE });
    const file = this.file(name);
    const bytes = readBytes(file);
    if (sha256(bytes) !== expected)
      throw new InputError("the checkpoint was truncated or altered (its SHA-256 does not match)", {
        file,
        remedy: "Restore the file from a copy, or start the run again in another folder",
      });
    if (existsSync(this.metrics)) {
      const lines = readText(this.metrics).split("\n");
      const kept = lines.filter((line) => stepOf(line) <= step);
      writeWhole(this.metrics, kept.map((line) => `${line}\n`).join(""));
    }
    return { step, notes, tensors: readSafetensors(file, bytes).tensors };
  }
}

const configurationOf = (path: string) => join(path, "config.json");

/** What a kill while a file was written left beside it. */
const LEFT_BEHIND = /\.\d+\.\d+\.tmp$/;

const RESTORE = "Restore it from a copy, or start the run again in another folder";

function readJson<T extends object>(file: string): T {
  const place = { file, remedy: RESTORE };
  const value = parseJson(readText(file), place);
  if (typeof value !== "object" || value === null)
    throw new InputError("is not a JSON object", place);
  return value as T;
}

/** Where two JSON values differ first, such as "settings.batch"; undefined if nowhere. */
function difference(before: unknown, now: unknown, field = ""): string | undefined {
  const isObject = (value: unknown) => typeof value === "object" && value !== null;
  if (!isObject(before) || !isObject(now)) return Object.is(before, now) ? undefined : field;
  const [old, fresh] = [before, now] as Record<string, unknown>[];
  for (const key of new Set([...Object.keys(fresh!), ...Object.keys(old!)])) {
    const found = difference(old![key], fresh![key], field === "" ? key : `${field}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The step of a line of metrics; of one that was not written to its end, none that counts. */
function stepOf(line: string): number {
  try {
    return (JSON.parse(line) as { step: number }).step;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
