import { join } from "node:path";
import { InputError } from "../base/error.js";
import { shipped } from "../base/file.js";
import { SHIPPED_CONDITIONS } from "../disease/index.js";
import { SHIPPED_VOCABULARY } from "../drug/index.js";
import { type Feed, floats, Graph, type Processor, upload } from "../graph/index.js";
import { countBlocks } from "../language/checkpoint.js";
import { loadEncoder } from "../language/encoder.js";
import {
  buildPrediction,
  compileRooms,
  createGrouper,
  createMatcher,
  type DiseaseTable,
  describeTrial,
  levelsOf,
  loadResources,
  meanStates,
  readModel,
  readUnaltered,
  rowFeeds,
  shallowInput,
  type TrialFeatures,
} from "../model/index.js";
import { featuresOf, type Levels, levelLogits, readLevels, SHALLOW_FILE } from "../shallow/index.js";
import type { ModelCard } from "../training/finetune.js";
import { readSeen, type SeenTrials } from "../training/seen.js";
import type { Phase, Trial } from "../trial/index.js";
import { type Reason, strongest, type Variant, variantsOf } from "./reasons.js";

/** The model that is used where none is named. */
export const SHIPPED_MODEL = shipped("top");

export interface Prediction {
  readonly nctId: string;
  readonly phase: Phase;
  /** P(success), calibrated. */
  readonly probability: number;
  /** 90 % interval from a grouped jackknife over the members (Efron and Tibshirani 1993, ch. 11). */
  readonly interval: readonly [low: number, high: number];
  readonly molecules: readonly { readonly name: string; readonly smiles: string }[];
  /** What the model did not see, in words. */
  readonly missing: readonly string[];
  /** What moves the probability most, by deletion; empty unless asked for. */
  readonly reasons: readonly Reason[];
}

export interface Predictor {
  readonly card: ModelCard;
  /** Undefined for an older model, which has no list of them. */
  readonly seen: SeenTrials | undefined;
  /** Predictions in the order of the trials. @param reasons whether to explain them (slower) */
  predict(trials: readonly Trial[], options: { reasons: boolean }): Promise<Prediction[]>;
  /**
   * Each trial as a direction of length 1, so that a dot product is a cosine: half of it by its criteria (mean
   * hidden state of the last level), half by its drugs and diseases (f_DM of the base).
   */
  embed(trials: readonly Trial[]): Promise<Float32Array[]>;
  release(): Promise<void>;
}

/** Trials that one run takes together. */
const BATCH = 8;
/** Quantile of the standard normal distribution for a two-sided interval of 90 %. */
const QUANTILE = 1.6449;

/**
 * Loads a fine-tuned model and its encoder from a folder.
 * @param drugs path of a drug vocabulary instead of the shipped one
 * @throws InputError if a file is missing, damaged or altered
 */
export async function loadPredictor(
  folder: string,
  {
    device,
    threads,
    drugs = SHIPPED_VOCABULARY,
  }: Processor & { readonly drugs?: string | undefined },
): Promise<Predictor> {
  const { card, parameters } = readModel<ModelCard>(folder, "model");
  const { config } = card;
  const processor: Processor = { device, threads };
  const seen = card.trials === undefined ? undefined : readSeen(folder, card.trials);
  const encoderFolder = join(folder, "encoder");
  const blocks = countBlocks(encoderFolder);
  const encoder = loadEncoder(encoderFolder, levelsOf(config, blocks), processor);
  if (encoder.hash !== card.encoder)
    throw new InputError("is not the encoder that the model was fitted with", {
      file: encoderFolder,
      remedy: "Restore the model folder",
    });
  const resources = await loadResources(drugs, SHIPPED_CONDITIONS);
  const table: DiseaseTable = new Map(card.diseases.map((token, i) => [token, i + 1]));
  const levels = config.shallow ? loadLevels(folder, card) : undefined;
  const resident = await upload(parameters, processor);
  const members = Array.from({ length: card.members }, (_, member) => ({
    feeds: memberFeeds(resident.feeds, member),
    shallow: levels?.members[member],
  }));
  const { width: depth } = encoder;
  /** What is computed for a batch: grouped tokens, then each member's head. */
  const createStage = async (batch: number) => {
    const grouper = await createGrouper(config, parameters, { depth, batch, processor, seed: 0 });
    const matcher = await createMatcher(config, table, parameters, { batch, processor, seed: 0 });
    const { session, parameters: asked } = compileRooms(batch, processor, (room) => {
      const graph = new Graph();
      const { parameters, logits } = buildPrediction(graph, config, table, batch, room, false);
      graph.output("logits", logits);
      return { graph, parameters };
    });
    const used = new Set(asked.tensors.keys());
    const feedsOf = members.map(({ feeds }) =>
      Object.fromEntries(Object.entries(feeds).filter(([name]) => used.has(name))),
    );
    return { batch, grouper, matcher, session, feedsOf };
  };
  const stages = new Map<number, ReturnType<typeof createStage>>();
  /** A lone trial does not wait for a whole batch. */
  const stageFor = (variants: number) => {
    const batch = variants === 1 ? 1 : BATCH;
    const stage = stages.get(batch) ?? createStage(batch);
    stages.set(batch, stage);
    return stage;
  };

  /** Logits of each member: [members][variants]. */
  async function logitsOf(variants: readonly Variant[]): Promise<Float64Array[]> {
    const { batch, grouper, matcher, session, feedsOf } = await stageFor(variants.length);
    const grouped = await grouper.group(variants.map(({ states }) => states));
    const rows = variants.map(({ features }, i) => ({ features, grouped: grouped[i]! }));
    const matches = await matcher.match(rows);
    const numbers =
      levels &&
      featuresOf(
        levels.space,
        variants.map(({ features, states }, i) =>
          shallowInput(features, meanStates(states), grouped[i]!, config.width, matches[i]!),
        ),
      );
    const logits: Float64Array[] = [];
    for (const [member, { shallow }] of members.entries()) {
      const starts = shallow && numbers ? levelLogits(shallow, numbers) : new Float64Array();
      const values = new Float64Array(variants.length);
      for (let first = 0; first < rows.length; first += batch) {
        const part = rows.slice(first, first + batch);
        const output = await session.run({
          ...feedsOf[member],
          ...rowFeeds(config, table, part, starts.subarray(first, first + batch), batch),
        });
        values.set(floats(output.logits).subarray(0, part.length), first);
      }
      logits.push(values);
    }
    return logits;
  }

  const probabilityOf = (logit: number) => 1 / (1 + Math.exp(-logit / card.temperature));
  /** @param logits of each member for the trial itself, then for its variants */
  function predictionOf(
    trial: Trial,
    { molecules, missing }: TrialFeatures,
    logits: readonly Float64Array[],
    deleted: readonly string[],
  ): Prediction {
    const means = logits[0]!.map((_, i) => mean(logits.map((values) => values[i]!)));
    const centre = means[0]!;
    const error = jackknifeError(logits.map((values) => values[0]!));
    const probability = probabilityOf(centre);
    return {
      nctId: trial.nctId,
      phase: trial.phase,
      probability,
      interval: [
        probabilityOf(centre - QUANTILE * error),
        probabilityOf(centre + QUANTILE * error),
      ],
      molecules: molecules.map(({ name, smiles }) => ({ name, smiles })),
      missing,
      reasons: strongest(
        deleted.map((text, i) => ({
          text,
          effect: 100 * (probability - probabilityOf(means[i + 1]!)),
        })),
      ),
    };
  }

  return {
    card,
    seen,
    async predict(trials, { reasons }) {
      const predictions: Prediction[] = [];
      for (let first = 0; first < trials.length; first += BATCH) {
        const lot = trials.slice(first, first + BATCH);
        const features = lot.map((trial) => describeTrial(trial, resources));
        const states = await encoder.encode(features.map(({ text }) => text));
        const changed = lot.map((trial, i) =>
          reasons ? variantsOf(trial, features[i]!, states[i]!, encoder) : [],
        );
        const asked = lot.map((_, i): Variant[] => [
          { features: features[i]!, states: states[i]! },
          ...changed[i]!.map(({ variant }) => variant),
        ]);
        const logits = await logitsOf(asked.flat());
        let start = 0;
        for (const [i, trial] of lot.entries()) {
          const end = start + asked[i]!.length;
          const own = logits.map((values) => values.subarray(start, end));
          const deleted = changed[i]!.map(({ text }) => text);
          predictions.push(predictionOf(trial, features[i]!, own, deleted));
          start = end;
        }
      }
      return predictions;
    },
    async embed(trials) {
      const embeddings: Float32Array[] = [];
      for (let first = 0; first < trials.length; first += BATCH) {
        const lot = trials.slice(first, first + BATCH);
        const features = lot.map((trial) => describeTrial(trial, resources));
        const states = await encoder.encode(features.map(({ text }) => text));
        const { grouper, matcher } = await stageFor(lot.length);
        const grouped = await grouper.group(states);
        const rows = features.map((features, i) => ({ features, grouped: grouped[i]! }));
        const matches = await matcher.match(rows);
        for (const [i, { molecules }] of matches.entries())
          embeddings.push(joined([meanStates(states[i]!).slice(-depth), molecules]));
      }
      return embeddings;
    },
    async release() {
      await encoder.release();
      await resident.release();
      for (const stage of stages.values()) {
        const { grouper, matcher, session } = await stage;
        await grouper.release();
        await matcher.release();
        await session.release();
      }
    },
  };
}

function loadLevels(folder: string, card: ModelCard): Levels {
  const file = join(folder, SHALLOW_FILE);
  return readLevels(file, readUnaltered(file, card.shallow));
}

/** What the members share, with what this one learned. */
function memberFeeds(
  parameters: Readonly<Record<string, Feed>>,
  member: number,
): Record<string, Feed> {
  const prefix = `member-${member}/`;
  const feeds: Record<string, Feed> = {};
  for (const [name, feed] of Object.entries(parameters)) {
    if (name.startsWith(prefix)) feeds[name.slice(prefix.length)] = feed;
    else if (!name.startsWith("member-")) feeds[name] = feed;
  }
  return feeds;
}

/** Vectors one after the other, each with the same share in the length of 1. */
function joined(vectors: readonly Float32Array[]): Float32Array {
  const parts = vectors.flatMap((vector) => {
    const length = Math.hypot(...vector) * Math.sqrt(vectors.length) || 1;
    return Array.from(vector, (x) => x / length);
  });
  return Float32Array.from(parts);
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Standard error of the mean of estimates that each leave one group of the data out. */
export function jackknifeError(estimates: readonly number[]): number {
  const centre = mean(estimates);
  const squares = estimates.map((estimate) => (estimate - centre) ** 2);
  return Math.sqrt((estimates.length - 1) * mean(squares));
}
