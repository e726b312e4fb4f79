import { appendFileSync, existsSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { collecting, InputError, messageOf } from "../base/error.js";
import { hashes as hashesOf, makeFolder, readText, writeWhole } from "../base/file.js";
import { groupBy } from "../base/group.js";
import { tryParseJson } from "../base/json.js";
import { locked } from "../base/lock.js";
import { Interrupted, type Watcher } from "../base/watcher.js";
import { noLlm } from "../baseline/zero-shot/index.js";
import { requireDevice } from "../graph/index.js";
import {
  codeHash,
  type Failure,
  hashesByPath,
  isBucket,
  type Job,
  openBlobs,
  openLanes,
  Results,
  runPool,
  type Where,
} from "../jobs/index.js";
import { checkpointFiles, resolveEncoder } from "../language/index.js";
import type { Preset } from "../model/index.js";
import { reportInvalid } from "../trial/index.js";
import { isMade } from "./bases.js";
import { chaptersOf } from "./choose.js";
import { type BenchmarkConfig, readConfig } from "./config.js";
import { type BenchmarkOptions, Context } from "./context.js";
import { type Encoding, encodingsFor } from "./encode.js";
import { notedEndpoint, notedLine, noteEndpoint } from "./endpoint.js";
import {
  asksLlm,
  type Base,
  type Cell,
  type FileHashes,
  gridOf,
  type Hashes,
  nameOf,
  needsSct,
  rankerNeeds,
  readsStates,
} from "./grid.js";
import { encoderHashes, type Grid, type Outcome, type Work } from "./jobs.js";
import { predictionsFile, readPredictions } from "./predictions.js";
import type { CellFailure, CellResult } from "./result.js";
import { titleOf } from "./variant.js";

export interface RunOptions extends Omit<BenchmarkOptions, "config">, Where {
  /** The configuration. */
  readonly file: string;
  /** Whether no encoder is downloaded. */
  readonly offline?: boolean | undefined;
  /** Tasks, data sets and methods to run now; of a kind of which none is named, all. */
  readonly only: readonly string[];
}

export interface BenchmarkSummary {
  readonly cells: number;
  /** Cells with a result, and how many of them are of this run. */
  readonly finished: number;
  readonly computed: number;
  readonly failures: readonly CellFailure[];
}

/** Results of cells that are no longer in the grid: set aside, so that they come back with it. */
const ASIDE = "results-of-other-settings.ndjson";

/**
 * Runs a declared grid: what is finished is not computed again, so a killed run goes on when it is
 * started again. A cell that fails is told with its log, and the others go on.
 * @throws InputError if the configuration or a data set is malformed, Interrupted if the watcher stops it
 */
export async function benchmark(given: RunOptions, watcher: Watcher): Promise<BenchmarkSummary> {
  if (isBucket(given.out))
    throw new InputError("a benchmark needs a folder: what one job writes, others read", {
      file: given.out,
      remedy: "Name a folder that every machine has under the same path, such as one of NFS",
    });
  const options = { ...given, llm: given.llm ?? notedEndpoint(given.out) };
  const { out, llm } = options;
  if (options.queue === undefined) await requireDevice(options, options.jobs);
  const read = readConfig(options.file);
  const { folder: encoder } = await resolveEncoder(read.encoder, options, watcher);
  const config = { ...read, encoder };
  const context = new Context({ ...options, config }, watcher);
  watcher.report({ stage: "Reading the grid", done: 0, total: 1 });
  const hashes = hashAll(config, context.vocabularies);
  const grid = await gridWithChapters(hashes, context);
  const isAsked = askedBy(options.only, grid, options.file);
  return locked(join(out, "lock"), () => {
    if (given.llm && grid.some(asksLlm)) noteEndpoint(out, given.llm, watcher);
    else if (llm && grid.some((cell) => asksLlm(cell) && isAsked(cell)))
      watcher.say(notedLine(out, llm));
    return runGrid(grid, isAsked, hashes, context, options);
  });
}

async function runGrid(
  grid: readonly Cell[],
  isAsked: (cell: Cell) => boolean,
  hashes: Hashes,
  context: Context,
  asked: RunOptions,
): Promise<BenchmarkSummary> {
  const { options, watcher } = context;
  const { out } = options;
  makeFolder(join(out, "logs"));
  const finished = sortResults(out, grid, watcher);
  const open = grid.filter((cell) => !finished.has(cell.id) && isAsked(cell));

  const failures: CellFailure[] = [];
  const failuresFile = join(out, "failures.ndjson");
  keepFailures(failuresFile, grid, finished, open);
  writeGrid(join(out, "grid.json"), grid);
  const fail = (id: string, name: string, { message, story }: Failure, cell?: Cell) => {
    const log = join("logs", `${id}.log`);
    writeWhole(join(out, log), `${name}\n${message}\n\n${story}\n`);
    watcher.say(`Failed: ${name}: ${message} (${join(out, log)})`);
    if (!cell) return;
    const { task, dataset, method, settings, seed } = cell;
    failures.push({ id, task, dataset, method, settings, seed, message, log });
    append(failuresFile, failures.at(-1)!);
  };
  const isInVain = (cell: Cell) => asksLlm(cell) && !options.llm;
  for (const cell of open.filter(isInVain)) {
    const { message, stack = "" } = noLlm();
    fail(cell.id, nameOf(cell), { message, story: stack }, cell);
  }
  const todo = open.filter((cell) => !isInVain(cell));
  const bases = basesOf(todo, out);
  const all = Object.keys(options.config.datasets);
  const encodings = encodingsFor(todo, bases, all);
  // What is malformed is told here, once, and not by each of its cells. (The successful trials are without
  // those of every data set.)
  const readsAll = bases.length > 0 || todo.some((cell) => !cell.model && needsSct(cell));
  const read = readsAll ? all : todo.map(({ dataset }) => dataset);
  const bad = new Map<string, InputError>();
  for (const name of new Set(read))
    for (const { invalid } of Object.values(await context.splits(name)))
      for (const row of invalid) bad.set(row.message, row);
  reportInvalid(out, [...bad.values()], watcher);
  const jobs = jobsOf(todo, bases, encodings, hashes);
  const total = jobs.reduce((sum, { payload }) => sum + costOf(payload), 0);
  let [done, spent, computed] = [0, 0, 0];
  const ended = ({ payload }: Job<Work>) => {
    done++;
    spent += costOf(payload);
  };
  const report = (working: readonly string[]) =>
    watcher.report({
      stage: "Running the grid",
      done,
      total: jobs.length,
      share: spent / total,
      detail: [failures.length > 0 ? `${failures.length} failed` : "", ...working]
        .filter(Boolean)
        .join("; "),
    });
  const assignment = {
    module: "benchmark/jobs.js",
    options: gridFor(asked, context, hashes),
    place: resolve(out),
  };
  const kept = new Results(openBlobs(assignment.place));
  const stopped = await runPool<Work, Outcome>({
    lanes: await openLanes(asked, assignment, watcher),
    jobs,
    watcher,
    progress: report,
    done: (job, outcome) => {
      ended(job);
      if (outcome) {
        keep(out, outcome);
        computed++;
        kept.remove(job.id).catch(() => {}); // two copies do no harm
      }
      report([job.name]);
    },
    failed: (job, failure) => {
      ended(job);
      const { payload } = job;
      fail(job.id, job.name, failure, payload.kind === "cell" ? payload.cell : undefined);
    },
  });
  if (stopped) throw new Interrupted(out, "by running the command again");
  return { cells: grid.length, finished: finished.size + computed, computed, failures };
}

/** What the jobs of the grid share, with paths that hold in any folder. */
function gridFor(
  { file, offline, out, cache, cacheLimit, skipInvalid, llm }: RunOptions,
  { options: { config: found }, vocabularies }: Context,
  hashes: Hashes,
): Grid {
  const config = readConfig(resolve(file));
  const { datasets, pretraining } = config;
  const readsPretraining = Object.keys(hashes.pretraining.files).length > 0;
  return {
    options: {
      config,
      out: resolve(out),
      cache: resolve(cache),
      cacheLimit,
      skipInvalid,
      llm,
    },
    offline,
    files: hashesByPath([
      ...Object.values(vocabularies),
      ...Object.values(datasets).flatMap(({ train, valid = [], test }) =>
        [train, valid, test].flat(),
      ),
      ...(readsPretraining
        ? [
            pretraining.trials,
            pretraining.studies,
            pretraining.approved ?? [],
            pretraining.exclude,
          ].flat()
        : []),
    ]),
    encoder: encoderHashes(found.encoder),
  };
}

/** SHA-256 of everything that the cells of a configuration read. */
export function hashAll(
  { encoder, datasets, pretraining, models, experiments }: BenchmarkConfig,
  { drugs, conditions }: { drugs: string; conditions: string },
): Hashes {
  return {
    shared: {
      ...hashesOf([
        drugs,
        conditions,
        ...checkpointFiles(encoder).map((name) => join(encoder, name)),
      ]),
      code: codeHash(BESIDE_RESULTS),
    },
    pretraining: readsSct({ models, experiments })
      ? hashRoles(
          pretraining.trials,
          pretraining.studies,
          pretraining.approved ? [pretraining.approved] : [],
          pretraining.exclude,
        )
      : hashRoles(),
    datasets: Object.fromEntries(
      Object.entries(datasets).map(([name, { train, valid = [], test }]) => [
        name,
        hashRoles(train, valid, test),
      ]),
    ),
  };
}

/** Folders of the program that no result depends on. */
const BESIDE_RESULTS = ["audit", "cli", "jobs", "report", "serving"];

/** Whether any method depends on the successful trials. */
const readsSct = ({ models, experiments }: Pick<BenchmarkConfig, "models" | "experiments">) =>
  experiments.some(({ task, methods }) =>
    methods.some((method) => models[method]?.pretrained ?? rankerNeeds({ task, method }) === "sct"),
  );

const hashRoles = (...roles: readonly (readonly string[])[]): FileHashes => ({
  files: hashesOf(roles.flat()),
  roles: roles.map(({ length }) => length),
});

/** The grid; data sets are read only where an experiment leaves chapters out and names none. */
async function gridWithChapters(hashes: Hashes, context: Context): Promise<Cell[]> {
  const { config, llm } = context.options;
  const chapters = new Map<string, string[]>();
  for (const { task, datasets, chapters: named } of config.experiments)
    if (task === "new-disease" && !named)
      for (const name of datasets ?? Object.keys(config.datasets))
        if (!chapters.has(name)) chapters.set(name, chaptersOf(await context.splits(name)));
  return gridOf(config, hashes, (name) => chapters.get(name)!, llm);
}

const KINDS = ["task", "dataset", "method"] as const;

/** A filter from the words of --only: of the kinds that are named, a cell must be one of those named. */
function askedBy(
  only: readonly string[],
  grid: readonly Cell[],
  file: string,
): (cell: Cell) => boolean {
  const named = KINDS.map((kind) => {
    const known = new Set<string>(grid.map((cell) => cell[kind]));
    return { kind, known, words: only.filter((word) => known.has(word)) };
  });
  for (const word of only)
    if (!named.some(({ known }) => known.has(word)))
      throw new InputError(`"${word}" is no task, data set or method of the grid`, {
        file,
        field: "--only",
        remedy: `Name one of ${named.flatMap(({ known }) => [...known]).join(", ")}`,
      });
  const isAsked = (cell: Cell) =>
    named.every(({ kind, words }) => words.length === 0 || words.includes(cell[kind]));
  if (!grid.some(isAsked))
    throw new InputError(`no cell of the grid is all of ${only.join(", ")}`, {
      file,
      field: "--only",
      remedy: "Name what the grid has together, such as a task alone",
    });
  return isAsked;
}

/** The bases that cells need and that are not made yet. */
function basesOf(cells: readonly Cell[], out: string): Base[] {
  const bases = new Map(cells.flatMap(({ model }) => (model ? [[model.base.id, model.base]] : [])));
  return [...bases.values()].filter((base) => !isMade(base, out));
}

/** Encodings first, then bases, then the cells that stand on them. */
function jobsOf(
  cells: readonly Cell[],
  bases: readonly Base[],
  encodings: readonly Encoding[],
  hashes: Hashes,
): Job<Work>[] {
  const encodingOf = (preset: Preset) => `encode-${preset}`;
  return [
    ...encodings.map((encoding) => ({
      id: encodingOf(encoding.preset),
      needs: [],
      name: `encoding for the ${encoding.preset} preset`,
      payload: encoding,
    })),
    ...bases.map((base) => ({
      id: `base-${base.id}`,
      needs: [encodingOf(base.spec.preset)],
      name: `${base.spec.pretrained ? "pre-training" : "grouping without pre-training"}, ${base.spec.preset} preset, seed ${base.spec.seed} (base ${base.id})`,
      payload: { kind: "base", base } as const,
    })),
    ...cells.map((cell) => ({
      id: cell.id,
      needs: [
        ...(readsStates(cell) ? [encodingOf("default")] : []),
        ...(cell.model ? [`base-${cell.model.base.id}`] : []),
      ],
      name: nameOf(cell),
      payload: {
        kind: "cell",
        cell,
        hashes: {
          ...hashes.shared,
          ...hashes.datasets[cell.dataset]!.files,
          ...(needsSct(cell) && hashes.pretraining.files),
        },
      } as const,
    })),
  ];
}

/** Seconds that a job takes on one core of 2026, roughly: only the time left depends on it. */
function costOf(work: Work): number {
  if (work.kind === "encode") return 30;
  if (work.kind === "base") {
    const { pretrained, preset, config } = work.base.spec;
    const epoch = preset === "paper" ? 200 : 30;
    return pretrained ? 20 + epoch * config.pretraining.epochs : 20;
  }
  const { model, task } = work.cell;
  if (!model || task === "zero-shot" || model.variant.adapt === "none") return 4;
  return task === "few-shot" ? 4 : 25 * model.variant.members;
}

/** Leaves the failures of cells that are neither finished nor tried again now. */
function keepFailures(
  file: string,
  grid: readonly Cell[],
  finished: ReadonlySet<string>,
  todo: readonly Cell[],
): void {
  const tried = new Set(todo.map(({ id }) => id));
  const open = new Set(
    grid.map(({ id }) => id).filter((id) => !finished.has(id) && !tried.has(id)),
  );
  const kept = linesById(file).filter(([id]) => open.has(id));
  rmSync(file, { force: true });
  if (kept.length > 0) writeWhole(file, kept.map(([, line]) => `${line}\n`).join(""));
}

/** How many cells the grid has, for a report to say what is missing. */
function writeGrid(file: string, grid: readonly Cell[]): void {
  const byDataset = Object.fromEntries(
    [...groupBy(grid, ({ dataset }) => dataset)].map(([name, own]) => [name, countByTask(own)]),
  );
  const counts = { cells: grid.length, byTask: countByTask(grid), byDataset };
  writeWhole(file, `${JSON.stringify(counts)}\n`);
}

const countByTask = (cells: readonly Cell[]): Record<string, number> =>
  Object.fromEntries(
    [...groupBy(cells, ({ task }) => task)].map(([task, own]) => [task, own.length]),
  );

/** Predictions first: a result without them would never be computed again. */
function keep(out: string, { result, predictions }: Exclude<Outcome, undefined>): void {
  writeWhole(predictionsFile(out, result.id), `${JSON.stringify(predictions)}\n`);
  append(join(out, "results.ndjson"), result);
}

/** @throws InputError if the disk is full */
function append(file: string, line: object): void {
  try {
    appendFileSync(file, `${JSON.stringify(line)}\n`);
  } catch (error) {
    throw new InputError(`cannot be written: ${messageOf(error)}`, {
      file,
      remedy: "Free disk space, then run the command again",
    });
  }
}

/**
 * Reads what is finished, and leaves in `results.ndjson` the lines of this grid alone. A line that a kill
 * cut off is dropped, and so is one whose predictions are lost or damaged, which is said: its cell is
 * computed again.
 * @returns ids of the grid's cells that have a result
 */
function sortResults(out: string, grid: readonly Cell[], watcher: Watcher): ReadonlySet<string> {
  const [own, aside] = ["results.ndjson", ASIDE].map((name) => join(out, name)) as [string, string];
  const cells = new Map(grid.map((cell) => [cell.id, cell]));
  const lines = new Map([aside, own].flatMap(linesById));
  const lost = [...lines].flatMap(([id, line]) => (cells.has(id) ? lossOf(out, line) : []));
  for (const { id } of lost) lines.delete(id);
  if (lost.length > 0)
    watcher.say(
      `Without sound predictions and therefore unfinished: ${lost.length} of the cells, the first because ${lost[0]!.why}`,
    );
  const write = (file: string, inGrid: boolean) => {
    const kept = [...lines].filter(([id]) => cells.has(id) === inGrid);
    writeWhole(file, kept.map(([id, line]) => `${retitled(line, cells.get(id))}\n`).join(""));
    return kept.map(([id]) => id);
  };
  const others = write(aside, false);
  if (others.length === 0) rmSync(aside);
  return new Set(write(own, true));
}

/** Why the predictions of a result cannot be read, if that is so. */
function lossOf(out: string, line: string): { id: string; why: string }[] {
  const result = JSON.parse(line) as CellResult;
  const bad: InputError[] = [];
  collecting(bad, () => readPredictions(out, result));
  return bad.map(({ problem, location: { file } }) => ({
    id: result.id,
    why: `${file} ${problem}`,
  }));
}

/** The line with the names and the reference that the configuration has now: they decide no result. */
function retitled(line: string, cell: Cell | undefined): string {
  if (!cell) return line;
  const { settings, method, model, reference } = cell;
  return JSON.stringify({
    ...JSON.parse(line),
    settings,
    reference,
    ...(model && { title: titleOf(model.variant, method) }),
  });
}

/** The whole lines of a file of results, if it exists, each after its id. */
function linesById(file: string): [id: string, line: string][] {
  if (!existsSync(file)) return [];
  return readText(file)
    .split("\n")
    .flatMap((line) => {
      const value = tryParseJson(line) as CellResult | undefined;
      return value ? [[value.id, line]] : [];
    });
}
