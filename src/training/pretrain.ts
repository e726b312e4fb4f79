import { InputError } from "../base/error.js";
import { hashes, sha256 } from "../base/file.js";
import { Random } from "../base/random.js";
import type { Watcher } from "../base/watcher.js";
import {
  ADAMW,
  adamW,
  add,
  cosineSchedule,
  floats,
  Graph,
  type Numbers,
  type Processor,
  requireDevice,
  scale,
  type Tensor,
} from "../graph/index.js";
import { type FoundEncoder, type HiddenStateStore, resolveEncoder } from "../language/index.js";
import {
  compileRooms,
  criteriaSide,
  type DiseaseTable,
  diseaseTable,
  groupLevels,
  languageFeeds,
  languageInputs,
  levelsIn,
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
  type Room,
  rankingLoss,
  successScores,
  type TrialFeatures,
  tableSizes,
  writeModel,
} from "../model/index.js";
import {
  type CollectOptions,
  collectSct,
  describeCard,
  leftOutOf,
  type SctCard,
  type SctTrial,
} from "../sct/index.js";
import { type Cache, openEncoder, statesOf } from "./encode.js";
import { initialState, shuffledBatches, train } from "./loop.js";
import { RunFolder } from "./run-folder.js";

export interface PretrainOptions extends CollectOptions, Cache, Processor {
  /** Drug and condition vocabularies. */
  readonly drugs: string;
  readonly conditions: string;
  /** Folder or name, see {@link resolveEncoder}. */
  readonly encoder: string;
  /** Whether nothing is downloaded. */
  readonly offline?: boolean | undefined;
  readonly preset: Preset;
  readonly out: string;
  readonly resume: boolean;
  readonly seed: number;
  /** Instead of the preset's number. */
  readonly epochs?: number | undefined;
  /** Instead of the preset's figures; its levels are some of the preset's. */
  readonly config?: ModelConfig | undefined;
  /** Share of the training trials that are seen, 0 to 1; a smaller one's are among a larger one's. */
  readonly share?: number | undefined;
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
  readonly encoder: FoundEncoder & { readonly hash: string };
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
  const { seed, preset, device, threads, share = 1 } = options;
  const processor: Processor = { device, threads };
  await requireDevice(processor);
  RunFolder.refuseOther(options.out, options.resume);
  const found = await resolveEncoder(options.encoder, options, watcher);
  watcher.report({ stage: "Choosing successful trials", done: 0, total: 1 });
  const resources = await loadResources(options.drugs, options.conditions);
  const { trials, card } = await collectSct(options, resources, options.out, watcher);
  const config = configFor(options, trials, watcher);
  const { pretraining: settings } = config;
  const { batch } = settings;
  const [training, heldOut] = splitTrials(trials, share);
  if (Math.min(heldOut.length, training.length) < batch)
    throw new InputError(
      `of ${trials.length} successful trials ${training.length} are to be learned from and ${heldOut.length} are held out, less than a batch of ${batch}`,
      {
        remedy: `Give more files or exclude less: some ${1.5 * batch * HELD_OUT} trials with a resolved drug and disease are needed. Left out: ${leftOutOf(card)}`,
      },
    );
  const table = diseaseTable(training);

  const { encoder, store, fill } = openEncoder(found.folder, PRESETS[preset], options);
  const approved = options.approved === undefined ? [] : [options.approved];
  const files = [options.drugs, options.conditions, ...approved, ...options.exclude];
  const folder = RunFolder.open(
    options.out,
    {
      command: "pretrain",
      seed,
      encoder: found.model,
      device,
      settings: {
        ...config,
        excludeDrugs: options.excludeDrugs,
        before: options.before ?? null,
        share,
        encoder: encoder.hash,
      },
      data: hashes([...files, ...options.trials, ...options.studies]),
    },
    options.resume,
  );
  watcher.say(describeCard(card));
  await fill(
    trials.map(({ text }) => text),
    watcher,
  );

  const matching = (room: Room) => {
    const graph = new Graph();
    const parameters = new Parameters(graph);
    const { states, mask } = languageInputs(graph, {
      levels: config.levels.length,
      batch,
      tokens: config.tokens,
      depth: encoder.width,
    });
    const language = groupLevels(parameters, config, states, mask);
    const sides: [Tensor, Tensor] = [
      criteriaSide(parameters, config, language),
      moleculeSide(parameters, config, tableSizes(table), moleculeInputs(graph, batch, room)),
    ];
    const pair = matchingPair(parameters, config, ...sides);
    const repeats = graph.input("repeats", [batch, batch]);
    const matched = matchingLoss(parameters, config, pair, repeats);
    if (settings.ranking === 0) return { graph, parameters, loss: matched, pair };
    const rivals = graph.input("rivals", [batch, batch]);
    const counts = graph.input("counts", [batch]);
    const ranked = rankingLoss(successScores(parameters, config, sides), rivals, counts);
    return { graph, parameters, loss: add(matched, scale(ranked, settings.ranking)), pair };
  };
  const adam = { ...ADAMW, weightDecay: settings.weightDecay };
  const stepFor = (room: Room) => {
    const { graph, parameters, loss } = matching(room);
    graph.output("loss", loss);
    const trainables = [...parameters.tensors.values()].map((tensor) => ({ tensor }));
    adamW(graph, loss, trainables, adam);
    return { graph, parameters };
  };
  const testFor = (room: Room) => {
    const { graph, parameters, loss, pair } = matching(room);
    graph.output("loss", loss);
    graph.output("criteriaSide", pair[0]);
    graph.output("moleculeSide", pair[1]);
    return { graph, parameters };
  };
  const { session, parameters } = compileRooms(batch, processor, stepFor);
  const { session: testSession } = compileRooms(batch, processor, testFor);

  const feedsOf = (rows: readonly SctTrial[], part: Part) => ({
    ...pairFeeds(rows, store, table, config, preset, batch, part),
    ...(settings.ranking > 0 && rankingFeeds(rows)),
  });
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
    encoder: { ...found, hash: encoder.hash },
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

/** The configuration that was asked for; without trials of both kinds there is no success to rank. */
function configFor(
  { config: given, preset, epochs }: PretrainOptions,
  trials: readonly SctTrial[],
  watcher: Watcher,
): ModelConfig {
  const asked = given ?? PRESETS[preset];
  const { pretraining } = asked;
  const known = trials.filter((trial) => trial.known).length;
  const ranks = known > 0 && known < trials.length;
  if (pretraining.ranking > 0 && !ranks)
    watcher.say(
      `Success is not ranked: ${known} of ${trials.length} trials are known to be successful. ` +
        "It takes some of them (--trials) and some others (--studies).",
    );
  return {
    ...asked,
    pretraining: {
      ...pretraining,
      epochs: epochs ?? pretraining.epochs,
      ranking: ranks ? pretraining.ranking : 0,
    },
  };
}

/** Those to learn from and those held out, by the hash of the NCT id: whatever else is chosen, the same. */
export function splitTrials(trials: readonly SctTrial[], share: number): [SctTrial[], SctTrial[]] {
  const isHeldOut = ({ nctId }: SctTrial) =>
    Number.parseInt(sha256(nctId).slice(0, 8), 16) % HELD_OUT === 0;
  const isSeen = ({ nctId }: SctTrial) =>
    Number.parseInt(sha256(nctId).slice(8, 16), 16) < share * 2 ** 32;
  return [trials.filter((trial) => !isHeldOut(trial) && isSeen(trial)), trials.filter(isHeldOut)];
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
  preset: Preset,
  batch: number,
  part: Part,
): Record<string, Numbers> {
  const texts = rows.map(({ text }) => text);
  const states = levelsIn(config, preset, statesOf(store, texts)).map((whole, row) => {
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

/** The feeds of the ranking of success. A batch without a known success counts rows without rivals: 0. */
export function rankingFeeds(rows: readonly SctTrial[]): Record<string, Numbers> {
  const batch = rows.length;
  const rivals = Float32Array.from({ length: batch * batch }, (_, i) => {
    const [row, column] = [Math.floor(i / batch), i % batch];
    const competes = rows[row]!.known && !rows[column]!.known;
    return row === column || competes ? 0 : PADDING;
  });
  const none = rows.every(({ known }) => !known);
  return { rivals, counts: Float32Array.from(rows, ({ known }) => (known || none ? 1 : 0)) };
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
