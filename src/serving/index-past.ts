import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../base/error.js";
import { hashes, makeFolder, sha256, sha256File, writeWhole } from "../base/file.js";
import { bytesOf, writeRawTensors } from "../base/safetensors.js";
import { Interrupted, type Watcher } from "../base/watcher.js";
import {
  readVocabulary,
  resolveDrugs,
  SHIPPED_VOCABULARY,
  type Vocabulary,
} from "../drug/index.js";
import { type Processor, requireDevice } from "../graph/index.js";
import { type Blobs, codeHash, openBlobs } from "../jobs/index.js";
import { cardHash } from "../model/index.js";
import {
  filesOf,
  NoCriteria,
  type Outcome,
  streamTrials,
  type TrialRecord,
  watchTrials,
  writeInvalidList,
} from "../trial/index.js";
import { modelName } from "./model-info.js";
import {
  PAST_CARD,
  PAST_FILES,
  PAST_IDS,
  PAST_RECORDS,
  PAST_VECTORS,
  pastCardHash,
} from "./past.js";
import { loadPredictor, type Predictor, SHIPPED_MODEL } from "./predictor.js";
import { RecordWriter } from "./record-writer.js";
import { pastTrial } from "./trial-records.js";

export interface IndexOptions extends Processor {
  readonly inputs: readonly string[];
  /** Folder of the index. */
  readonly out: string;
  readonly model?: string | undefined;
  readonly drugs?: string | undefined;
  /** Whether bad rows are listed in a file of the folder, or the given one, instead of stopping the job. */
  readonly skipInvalid: boolean;
  readonly invalid?: string | undefined;
}

export interface IndexSummary {
  readonly trials: number;
  /** Trials that stand in the files a second time: one entry has what all of them say of the outcome. */
  readonly repeated: number;
  /** Trials that have not ended, or of which the files do not tell what became. */
  readonly open: number;
  /** Studies without eligibility criteria. */
  readonly withoutCriteria: number;
}

/** Trials between two looks whether to stop; what is computed of them is kept. */
const LOT = 32;

/** What the registry says of a trial that has no end yet. */
const UNENDED =
  /^(not_yet_recruiting|recruiting|enrolling_by_invitation|active_not_recruiting|suspended|available|temporarily_not_available|withheld)$/;

/**
 * Makes an index of past trials for `Past`: their vectors by a model, and their records. The files are read
 * through first, so that bad rows are known at once; a stopped run goes on when it is started again, and the finished
 * index takes the place of an earlier one.
 * @throws InputError on bad input, Interrupted if the watcher stops it
 */
export async function indexPast(options: IndexOptions, watcher: Watcher): Promise<IndexSummary> {
  const { inputs, out, model = SHIPPED_MODEL, drugs = SHIPPED_VOCABULARY } = options;
  refuseOtherFolder(out);
  await requireDevice(options);
  const survey = await surveyOf(options, watcher);
  const predictor = await loadPredictor(model, { ...options, drugs });
  const parts = `${out}.parts`;
  const made = join(parts, "index");
  rmSync(made, { recursive: true, force: true }); // of a run that was stopped; what took long is beside it
  makeFolder(made);
  const blobs = openBlobs(parts);
  const decides = sha256(JSON.stringify([codeHash(), cardHash(predictor.card), sha256File(drugs)]));
  const ids: string[] = [];
  const vectors = new VectorTable(survey.past.size);
  const vocabulary = readVocabulary(drugs);
  const records = new RecordWriter(join(made, PAST_RECORDS));
  try {
    for await (const lot of lotsOf(inputs, survey.past)) {
      watcher.report({ stage: "Indexing trials", done: ids.length, total: survey.past.size });
      if (watcher.stopping()) throw new Interrupted(parts, "by running the command again");
      vectors.add(await embedded(lot, predictor, decides, blobs), lot.length);
      for (const record of lot) {
        ids.push(record.trial.nctId);
        records.add(pastTrial(record, namesOf(record, vocabulary)));
      }
    }
  } finally {
    records.close();
    await predictor.release();
  }
  vectors.write(join(made, PAST_VECTORS), records.lengths);
  writeWhole(join(made, PAST_IDS), JSON.stringify(ids));
  const content = {
    model: { name: modelName(model), sha256: cardHash(predictor.card) },
    trials: ids.length,
    sources: hashes(inputs.flatMap(filesOf)),
    files: hashes(PAST_FILES.map((name) => join(made, name))),
    sha256: "",
  };
  const card = { ...content, sha256: pastCardHash(content) };
  writeWhole(join(made, PAST_CARD), `${JSON.stringify(card, null, 2)}\n`);
  rmSync(out, { recursive: true, force: true });
  renameSync(made, out);
  rmSync(parts, { recursive: true });
  if (survey.invalid.length > 0)
    watcher.say(writeInvalidList(options.invalid ?? `${out}.invalid.ndjson`, survey.invalid));
  const { repeated, open, withoutCriteria } = survey;
  return { trials: ids.length, repeated, open, withoutCriteria };
}

/** @throws InputError if there is something else in the index's place */
function refuseOtherFolder(out: string): void {
  if (existsSync(out) && !existsSync(join(out, PAST_CARD)))
    throw new InputError("is there already, and is no index of past trials", {
      file: out,
      field: "--out",
      remedy: "Name another folder",
    });
}

/** What the files tell of a trial beyond the record that is kept. */
interface Told {
  readonly title: string | undefined;
  readonly outcome: Outcome;
}

/** Reads the files through. @throws InputError for a bad row, or if no trial has ended */
async function surveyOf({ inputs, skipInvalid }: IndexOptions, watcher: Watcher) {
  if (inputs.includes("-"))
    throw new InputError("is read twice, which standard input cannot be", {
      file: "-",
      remedy: "Save it to a file and name that",
    });
  const told = new Map<string, Told>();
  const invalid: InputError[] = [];
  let [repeated, withoutCriteria] = [0, 0];
  for await (const entry of watchTrials(inputs, watcher)) {
    if (entry instanceof NoCriteria) withoutCriteria++;
    else if (entry instanceof InputError) {
      if (!skipInvalid) throw entry;
      invalid.push(entry);
    } else {
      const before = told.get(entry.trial.nctId);
      if (before) repeated++;
      told.set(entry.trial.nctId, {
        title: before?.title ?? entry.title,
        outcome: { ...entry.outcome, ...before?.outcome },
      });
    }
  }
  const past = new Map([...told].filter(([, { outcome }]) => hasEnded(outcome)));
  if (past.size === 0)
    throw new InputError("holds no trial that has ended", {
      file: inputs.join(", "),
      remedy: "Give trials with a label, or with a status such as COMPLETED or TERMINATED",
    });
  return { past, invalid, repeated, withoutCriteria, open: told.size - past.size };
}

/** "Active, not recruiting" of older records is ACTIVE_NOT_RECRUITING of the API. */
function hasEnded({ label, status }: Outcome): boolean {
  if (label !== undefined) return true;
  const spelled = status?.toLowerCase().replace(/[^a-z]+/g, "_");
  return spelled !== undefined && !UNENDED.test(spelled);
}

/** The chosen trials in lots, each once: as it stands first, with all that is told of its outcome. */
async function* lotsOf(
  inputs: readonly string[],
  past: ReadonlyMap<string, Told>,
): AsyncGenerator<TrialRecord[]> {
  const left = new Map(past);
  let lot: TrialRecord[] = [];
  for (const input of inputs)
    for await (const { entry } of streamTrials(input)) {
      if (entry instanceof InputError) continue;
      const { nctId } = entry.trial;
      const about = left.get(nctId);
      if (!about) continue;
      left.delete(nctId);
      const { title, outcome } = about;
      lot.push({ trial: entry.trial, source: entry.source, outcome, ...(title && { title }) });
      if (lot.length < LOT) continue;
      yield lot;
      lot = [];
    }
  if (lot.length > 0) yield lot;
}

/** The vectors of a lot, one after the other: computed, unless they are kept. */
async function embedded(
  lot: readonly TrialRecord[],
  predictor: Predictor,
  decides: string,
  blobs: Blobs,
): Promise<Float32Array> {
  const trials = lot.map(({ trial }) => trial);
  const id = sha256(`${decides}\n${JSON.stringify(trials)}`);
  const kept = await blobs.get(id);
  if (kept) return new Float32Array(new Uint8Array(kept).buffer);
  const vectors = Buffer.concat((await predictor.embed(trials)).map(bytesOf));
  await blobs.put(id, vectors);
  return new Float32Array(new Uint8Array(vectors).buffer);
}

/** What a trial gave, by name: the molecules found, then what may be one. */
function namesOf({ trial }: TrialRecord, vocabulary: Vocabulary): string[] {
  const { molecules, unresolved } = resolveDrugs(trial, vocabulary);
  return [...new Set([...molecules.map(({ name }) => name), ...unresolved])];
}

/** Vectors as they are kept: a byte a number, and a scale for each vector. */
class VectorTable {
  #numbers = new Int8Array();
  readonly #scales: Float32Array;
  #rows = 0;

  /** @param most rows */
  constructor(most: number) {
    this.#scales = new Float32Array(most);
  }

  /** @param vectors so many, one after the other */
  add(vectors: Float32Array, count: number): void {
    const width = vectors.length / count;
    if (this.#rows === 0) this.#numbers = new Int8Array(this.#scales.length * width);
    for (let i = 0; i < count; i++) {
      const vector = vectors.subarray(i * width, (i + 1) * width);
      const scale = vector.reduce((most, x) => Math.max(most, Math.abs(x)), 0) / 127 || 1;
      this.#scales[this.#rows] = scale;
      const start = this.#rows * width;
      vector.forEach((x, column) => {
        this.#numbers[start + column] = Math.round(x / scale);
      });
      this.#rows++;
    }
  }

  /** @param lengths bytes of each trial's record */
  write(path: string, lengths: readonly number[]): void {
    const rows = this.#rows;
    const width = this.#numbers.length / this.#scales.length;
    const tensor = (dtype: string, shape: readonly number[], numbers: ArrayBufferView) => ({
      dtype,
      shape,
      bytes: bytesOf(numbers),
    });
    writeRawTensors(
      path,
      new Map([
        ["scales", tensor("F32", [rows], this.#scales.subarray(0, rows))],
        ["lengths", tensor("U32", [rows], Uint32Array.from(lengths))],
        ["vectors", tensor("I8", [rows, width], this.#numbers.subarray(0, rows * width))],
      ]),
      {},
    );
  }
}
