import { basename } from "node:path";
import { InputError } from "../base/error.js";
import { readBytes, sha256 } from "../base/file.js";
import { Random } from "../base/random.js";
import type { Watcher } from "../base/watcher.js";
import {
  ADAMW,
  adamW,
  compile,
  cosineSchedule,
  floats,
  Graph,
  type Numbers,
  type Tensor,
} from "../graph/index.js";
import type { HiddenStateStore, HiddenStates } from "../language/index.js";
import {
  criteriaSide,
  type DiseaseTable,
  diseaseTable,
  groupLevels,
  languageFeeds,
  languageInputs,
  loadResources,
  type ModelConfig,
  matchingLoss,
  matchingPair,
  moleculeFeeds,
  moleculeInputs,
  moleculeSide,
  PADDING,
  Parameters,
  PRESETS,
  type Preset,
  partsOf,
  type TrialFeatures,
  tableSizes,
  writeModel,
} from "../model/index.js";
import { buildSct, type SctCard, type SctSources } from "../sct/index.js";
import { type Cache, openEncoder } from "./encode.js";
import { initialState, shuffledBatches, train } from "./loop.js";
import { RunFolder } from "./run-folder.js";

export interface PretrainOptions extends SctSources, Cache {
  /** Drug and condition vocabularies. */
  readonly drugs: string;
  readonly conditions: string;
  readonly encoder: string;
  readonly preset: Preset;
  readonly out: string;
  readonly resume: boolean;
  readonly seed: number;
  readonly threads: number;
  /** Instead of the preset's number. */
  readonly epochs?: number | undefined;
}

export interface PretrainResult {
  readonly folder: string;
  readonly sct: SctCard;
  /** On held-out pairs in batches: loss, share of trials whose own pair matched best, and chance. */
  readonly heldOut: { readonly loss: number; readonly accuracy: number; readonly chance: number };
  readonly step: number;
}

/** What a pre-trained base says of itself, beside its parameters. */
export interface BaseCard {
  readonly preset: Preset;
  /** The preset's figures when it was pre-trained, with the epochs that were asked for. */
  readonly config: ModelConfig;
  readonly encoder: { readonly folder: string; readonly hash: string };
  readonly diseases: readonly string[];
  readonly seed: number;
  readonly sct: SctCard;
  /** NCT ids of the trials it has seen: none of them may be fine-tuned on. */
  readonly trials: readonly string[];
}

/** One trial in this many is held out. */
const HELD_OUT = 20;

/**
 * Pair matching on successful trials, without labels (Zhang et al. 2025): grouping blocks and
 * branch learn, the language model is frozen. Writes `base.safetensors` and `base.json`.
 * @throws InputError on bad input, Interrupted if the watcher stops it
 */
export async function pretrain(
  options: PretrainOptions,
  watcher: Watcher,
): Promise<PretrainResult> {
  const { seed, preset, threads } = options;
  const { pretraining } = PRESETS[preset];
  const settings = { ...pretraining, epochs: options.epochs ?? pretraining.epochs };
  const config: ModelConfig = { ...PRESETS[preset], pretraining: settings };
  RunFolder.refuseOther(options.out, options.resume);
  watcher.report({ stage: "Choosing successful trials", done: 0, total: 1 });
  const resources = await loadResources(options.drugs, options.conditions);
  const { trials, card } = buildSct(options, resources, options.out, watcher);
  const { batch } = settings;
  const [training, heldOut] = split(trials);
  if (heldOut.length < batch)
    throw new InputError(
      `of ${trials.length} successful trials ${heldOut.length} are held out, less than a batch of ${batch}`,
      {
        remedy: `Give more files: some ${1.5 * batch * HELD_OUT} trials with a resolved drug and disease`,
      },
    );
  const table = diseaseTable(training);

  const { encoder, store, fill } = openEncoder(options.encoder, config, options);
  const files = [options.drugs, options.conditions, options.approved, ...options.exclude];
  const folder = RunFolder.open(
    options.out,
    {
      command: "pretrain",
      seed,
      settings: {
        ...config,
        excludeDrugs: options.excludeDrugs,
        before: options.before ?? null,
        encoder: encoder.hash,
      },
      data: hashes([...files, ...options.trials, ...options.studies]),
    },
    options.resume,
  );
  watcher.say(describeSct(card));
  await fill(
    trials.map(({ text }) => text),
    watcher,
  );

  const matching = (
    graph: Graph,
  ): { parameters: Parameters; loss: Tensor; pair: [Tensor, Tensor] } => {
    const parameters = new Parameters(graph);
    const { states, mask } = languageInputs(graph, {
      levels: config.levels.length,
      batch,
      tokens: config.tokens,
      depth: encoder.width,
    });
    const language = groupLevels(parameters, config, states, mask);
    const pair = matchingPair(
      parameters,
      config,
      criteriaSide(parameters, config, language),
      moleculeSide(parameters, config, tableSizes(table), moleculeInputs(graph, batch)),
    );
    const repeats = graph.input("repeats", [batch, batch]);
    return { parameters, loss: matchingLoss(parameters, config, pair, repeats), pair };
  };
  const stepGraph = new Graph();
  const { parameters, loss } = matching(stepGraph);
  stepGraph.output("loss", loss);
  const adam = { ...ADAMW, weightDecay: settings.weightDecay };
  const trainables = [...parameters.tensors.values()].map((tensor) => ({ tensor }));
  adamW(stepGraph, loss, trainables, adam);
  const session = await compile(stepGraph, threads);

  const testGraph = new Graph();
  const test = matching(testGraph);
  testGraph.output("loss", test.loss);
  testGraph.output("criteriaSide", test.pair[0]);
  testGraph.output("moleculeSide", test.pair[1]);
  const testSession = await compile(testGraph, threads);

  const feedsOf = (rows: readonly TrialFeatures[], part: Part) =>
    pairFeeds(rows, store, table, config, batch, part);
  const stepsPerEpoch = Math.floor(training.length / batch);
  const steps = stepsPerEpoch * settings.epochs;
  const rowsOf = shuffledBatches(
    { rows: training.length, batch, stepsPerEpoch },
    seed,
    "pair epoch",
  );
  const measure = async (values: Readonly<Record<string, unknown>>) => {
    let sum = 0;
    let hits = 0;
    let byChance = 0;
    const batches = Math.floor(heldOut.length / batch);
    for (let i = 0; i < batches; i++) {
      const rows = heldOut.slice(i * batch, (i + 1) * batch);
      const results = await testSession.run({
        ...(values as Record<string, Numbers>),
        ...feedsOf(rows, (parts, row) => row % parts),
      });
      sum += floats(results.loss)[0]!;
      const [criteria, molecules] = [floats(results.criteriaSide), floats(results.moleculeSide)];
      const counted = countHits(criteria, molecules, batch, rows);
      hits += counted.hits;
      byChance += counted.byChance;
    }
    const pairs = batches * batch;
    return {
      heldOutLoss: sum / batches,
      heldOutAccuracy: hits / pairs,
      heldOutChance: byChance / pairs,
    };
  };
  const result = await train(
    {
      stage: "Matching criteria to drugs and diseases",
      session,
      state: initialState(parameters.initial(seed)),
      steps,
      adamW: adam,
      learningRate: (step) =>
        cosineSchedule(step, {
          peak: settings.learningRate,
          warmup: Math.ceil(steps / 20),
          steps,
        }),
      batch: (step) => {
        const rows = [...rowsOf(step)].map((row) => training[row]!);
        const random = new Random(seed, "part", step);
        return feedsOf(rows, (parts) => random.integer(parts));
      },
      validate: { every: stepsPerEpoch, minimise: "heldOutLoss", measure },
      checkpointEvery: stepsPerEpoch,
    },
    folder,
    watcher,
  );
  const values = Object.fromEntries([...result.parameters].map(([name, { data }]) => [name, data]));
  const { heldOutLoss, heldOutAccuracy, heldOutChance } = await measure(values);
  const base: BaseCard = {
    preset,
    config,
    encoder: { folder: options.encoder, hash: encoder.hash },
    diseases: [...table.keys()],
    seed,
    sct: card,
    trials: trials.map(({ nctId }) => nctId),
  };
  writeModel(folder.path, "base", base, result.parameters, "F32");
  store.close();
  for (const one of [session, testSession, encoder]) await one.release();
  return {
    folder: folder.path,
    sct: card,
    heldOut: { loss: heldOutLoss, accuracy: heldOutAccuracy, chance: heldOutChance },
    step: result.step,
  };
}

/** SHA-256 of files by name; where they lie does not matter. A name that stands twice is numbered. */
export function hashes(files: readonly string[]): Record<string, string> {
  const result: Record<string, string> = {};
  for (const file of files) {
    let name = basename(file);
    for (let i = 2; name in result; i++) name = `${basename(file)} (${i})`;
    result[name] = sha256(readBytes(file));
  }
  return result;
}

/** The states of texts that were encoded before. @throws InputError if the store let one go */
export function statesOf(store: HiddenStateStore, texts: readonly string[]): HiddenStates[] {
  return texts.map((text) => {
    const states = store.get(text);
    if (!states)
      throw new InputError("the cache is too small for the hidden states of this run", {
        remedy: "Raise --cache-limit",
      });
    return states;
  });
}

function split(trials: readonly TrialFeatures[]): [TrialFeatures[], TrialFeatures[]] {
  const isHeldOut = ({ nctId }: TrialFeatures) =>
    Number.parseInt(sha256(nctId).slice(0, 8), 16) % HELD_OUT === 0;
  return [trials.filter((trial) => !isHeldOut(trial)), trials.filter(isHeldOut)];
}

const pairKey = ({ molecules, diseases }: TrialFeatures): string =>
  JSON.stringify([molecules.map(({ smiles }) => smiles).sort(), diseases]);

/** Which of its parts stands for a long text in a batch; the first is part 0. */
type Part = (parts: number, row: number) => number;

function pairFeeds(
  rows: readonly TrialFeatures[],
  store: HiddenStateStore,
  table: DiseaseTable,
  config: ModelConfig,
  batch: number,
  part: Part,
): Record<string, Numbers> {
  const texts = rows.map(({ text }) => text);
  const states = statesOf(store, texts).map((whole, row) => {
    const parts = partsOf(whole, config.tokens);
    return parts[part(parts.length, row)]!;
  });
  const keys = rows.map(pairKey);
  const repeats = Float32Array.from({ length: batch * batch }, (_, i) => {
    const [row, column] = [Math.floor(i / batch), i % batch];
    return row !== column && keys[row] === keys[column] ? PADDING : 0;
  });
  return {
    ...languageFeeds(states, batch, config.tokens),
    ...moleculeFeeds(table, rows, batch),
    repeats,
  };
}

/**
 * Trials whose criteria match their own drugs and diseases better than any other's of the batch, and
 * how many would by chance; another trial's that are the same do not compete.
 */
function countHits(
  criteria: Float32Array,
  molecules: Float32Array,
  batch: number,
  rows: readonly TrialFeatures[],
): { hits: number; byChance: number } {
  const width = criteria.length / batch;
  const keys = rows.map(pairKey);
  const score = (row: number, column: number) => {
    let sum = 0;
    for (let i = 0; i < width; i++)
      sum += criteria[row * width + i]! * molecules[column * width + i]!;
    return sum;
  };
  let hits = 0;
  let byChance = 0;
  for (const [row, key] of keys.entries()) {
    const rivals = keys.flatMap((other, column) => (other === key ? [] : [column]));
    const own = score(row, row);
    if (rivals.every((column) => score(row, column) < own)) hits++;
    byChance += 1 / (1 + rivals.length);
  }
  return { hits, byChance };
}

function describeSct(card: SctCard): string {
  const leftOut = Object.entries(card.leftOut).map(([reason, count]) => `${count} ${reason}`);
  return [
    `${card.trials} successful trials: ${card.molecules} molecules, ${card.diseases} diseases,`,
    `${card.combinations} combinations, ${card.meanWords} words on average.`,
    `Left out: ${leftOut.join(", ") || "none"}.`,
    `${(100 * card.sharedMolecules).toFixed(0)} % of the excluded trials' molecules occur in them.`,
  ].join(" ");
}
