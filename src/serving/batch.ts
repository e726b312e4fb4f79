import { existsSync, rmSync } from "node:fs";
import { basename, resolve } from "node:path";
import { InputError } from "../base/error.js";
import { sha256 } from "../base/file.js";
import { writePieces } from "../base/lines.js";
import { Interrupted, type Watcher } from "../base/watcher.js";
import { SHIPPED_CONDITIONS } from "../disease/index.js";
import { SHIPPED_VOCABULARY } from "../drug/index.js";
import { requireDevice } from "../graph/index.js";
import {
  codeHash,
  filesIn,
  hashesByPath,
  isBucket,
  type Job,
  openBlobs,
  openLanes,
  Results,
  runPool,
  sharedPath,
  type Where,
} from "../jobs/index.js";
import { readModel } from "../model/index.js";
import type { ModelCard } from "../training/finetune.js";
import { readSeen } from "../training/seen.js";
import { streamTrials, type Trial, writeInvalidList } from "../trial/index.js";
import { EVALUATIONS_FILE } from "./evaluations.js";
import type { Batch } from "./jobs.js";
import { SHIPPED_MODEL } from "./predictor.js";
import { SeenCounter } from "./seen.js";

export interface BatchOptions extends Where {
  readonly inputs: readonly string[];
  /** NDJSON to write. */
  readonly out: string;
  /** Folder or bucket that every machine sees, by default a folder beside `out`. */
  readonly shared?: string | undefined;
  readonly model?: string | undefined;
  readonly drugs?: string | undefined;
  /** Whether bad rows are listed in a file beside `out` instead of stopping the job. */
  readonly skipInvalid: boolean;
  readonly invalid?: string | undefined;
}

export interface BatchSummary {
  readonly trials: number;
  readonly failures: readonly string[];
  /** See {@link SeenCounter}. */
  readonly warning: string | undefined;
}

/** Trials of a job: some seconds of work, next to which a queue's share is small. */
const LOT = 64;

/**
 * Predicts any number of trials in lots, here or on the workers at a queue, and writes a line of JSON a trial,
 * in the order of the inputs. A stopped run goes on when it is started again: what is predicted is kept
 * beside `out`, or in the shared place, under the hash of all that decides it.
 * @throws InputError on bad input, Interrupted if the watcher stops it
 */
export async function predictBatch(options: BatchOptions, watcher: Watcher): Promise<BatchSummary> {
  const { inputs, out, model = SHIPPED_MODEL, drugs = SHIPPED_VOCABULARY, skipInvalid } = options;
  if (options.queue === undefined) await requireDevice(options, options.jobs);
  const parts = `${out}.parts`;
  const shared = options.shared ?? parts;
  const place = isBucket(shared) ? shared : resolve(shared);
  const { card } = readModel<ModelCard>(model, "model");
  const seen = new SeenCounter(
    card.trials === undefined ? undefined : readSeen(model, card.trials),
  );
  const decisive = filesIn(model).filter((file) => basename(file) !== EVALUATIONS_FILE);
  const batch: Batch = {
    model: sharedPath(model),
    drugs: sharedPath(drugs),
    files: hashesByPath([...decisive, drugs, SHIPPED_CONDITIONS]),
  };
  const assignment = { module: "serving/jobs.js", options: batch, place };
  const decides = sha256(JSON.stringify([codeHash(), batch.files]));

  const ids: string[] = [];
  const invalid: InputError[] = [];
  let [read, share] = [0, 0];
  async function* jobs(): AsyncGenerator<Job<readonly Trial[]>> {
    const known = new Set<string>();
    for await (const trials of lots()) {
      const id = sha256(`${decides}\n${JSON.stringify(trials)}`);
      const first = read - trials.length + 1;
      ids.push(id);
      if (!known.has(id))
        yield { id, needs: [], name: `trials ${first} to ${read}`, payload: trials };
      known.add(id);
    }
  }
  async function* lots(): AsyncGenerator<readonly Trial[]> {
    let lot: Trial[] = [];
    for (const [index, input] of inputs.entries())
      for await (const { entry, share: part } of streamTrials(input)) {
        share = (index + part) / inputs.length;
        if (entry instanceof InputError) {
          if (!skipInvalid) throw entry;
          invalid.push(entry);
          continue;
        }
        seen.add(entry.trial.nctId);
        lot.push(entry.trial);
        read++;
        if (lot.length < LOT) continue;
        yield lot;
        lot = [];
      }
    if (lot.length > 0) yield lot;
  }

  let done = 0;
  const failures: string[] = [];
  const report = (working: readonly string[]) => {
    const failed = failures.length > 0 ? [`${failures.length} failed`] : [];
    watcher.report({
      stage: "Predicting",
      done,
      total: Math.max(read, done),
      share: read === 0 ? 0 : (share * done) / read,
      detail: [...failed, ...working].join("; "),
    });
  };
  const stopped = await runPool<readonly Trial[], string>({
    lanes: await openLanes(options, assignment, watcher),
    jobs: jobs(),
    watcher,
    progress: report,
    done: ({ payload }) => {
      done += payload.length;
      report([]);
    },
    failed: ({ name, payload }, { message }) => {
      done += payload.length;
      failures.push(`${name}: ${message}`);
      watcher.say(`Failed: ${failures.at(-1)}`);
    },
  });
  if (stopped) throw new Interrupted(place, "by running the command again");
  if (invalid.length > 0)
    watcher.say(writeInvalidList(options.invalid ?? `${out}.invalid.ndjson`, invalid));
  if (read === 0)
    throw new InputError("holds no valid trial", {
      file: inputs.join(", "),
      remedy: "Give at least one",
    });
  if (failures.length === 0) {
    const results = new Results(openBlobs(place));
    await writePieces(out, linesOf(ids, results));
    if (options.shared === undefined && existsSync(parts)) rmSync(parts, { recursive: true });
  }
  return { trials: read, failures, warning: seen.warning() };
}

async function* linesOf(ids: readonly string[], results: Results): AsyncGenerator<string> {
  for (const id of ids) {
    const kept = await results.get(id);
    if (!kept)
      throw new InputError("a finished part has been removed", {
        file: id,
        remedy: "Run the command again: it is predicted anew",
      });
    yield kept.result as string;
  }
}
