import type { Labels } from "../base/labels.js";
import { Random } from "../base/random.js";
import type { TensorData } from "../base/safetensors.js";
import type { Watcher } from "../base/watcher.js";
import { applyTemperature, averagePrecision, logLoss, rocAuc } from "../evaluation/index.js";
import {
  ADAMW,
  adamW,
  binaryCrossEntropy,
  cosineSchedule,
  type Feed,
  floats,
  Graph,
  type Processor,
  upload,
} from "../graph/index.js";
import {
  buildPrediction,
  compileRooms,
  type DiseaseTable,
  HEAD_INPUTS,
  isFineTuned,
  type ModelConfig,
  type Room,
  rowFeeds,
} from "../model/index.js";
import { dropoutMask } from "./dropout.js";
import { initialState, shuffledBatches, train } from "./loop.js";
import { labelsOf, type Row, type Rows } from "./rows.js";
import type { RunRecord } from "./run-folder.js";

/** How well probabilities rank and fit the labels. */
export interface Scores {
  readonly prAuc: number;
  readonly rocAuc: number;
  readonly logLoss: number;
}

/** A trial with the logit that its prediction starts from: the shallow level's, or 0. */
export interface StartedRow extends Row {
  readonly start: number;
}

/** The trials, each with its logit to start from. */
export const startedAt = ({ rows }: Rows, logits: Float64Array | undefined): StartedRow[] =>
  rows.map((row, i) => ({ ...row, start: logits?.[i] ?? 0 }));

export interface Member {
  /** What the member shares with the others: the base without the grouping blocks. */
  readonly frozen: ReadonlyMap<string, TensorData>;
  /** What it learned: LoRA and head. */
  readonly parameters: ReadonlyMap<string, TensorData>;
  readonly step: number;
  /** Logits of the validation trials, and of each lot of trials that it was asked to score. */
  readonly validation: Float64Array;
  readonly scored: readonly Float64Array[];
}

/** Fits what fine-tuning trains of one member of the ensemble: by default LoRA and head. */
export async function fitMember(options: {
  readonly config: ModelConfig;
  readonly table: DiseaseTable;
  /** Parameters of the base; what it lacks is drawn. */
  readonly base: ReadonlyMap<string, TensorData>;
  readonly seed: number;
  readonly member: number;
  /** Such as "member 1 of 5". */
  readonly of: string;
  readonly training: readonly StartedRow[];
  readonly validation: readonly StartedRow[];
  readonly scored: readonly (readonly StartedRow[])[];
  readonly processor: Processor;
  readonly folder: RunRecord;
  readonly watcher: Watcher;
}): Promise<Member> {
  const { config, table, seed, member, training, processor } = options;
  const settings = config.finetuning;
  const { batch } = settings;
  const isTrained = (name: string) => isFineTuned(name, settings.adapt);

  const adam = { ...ADAMW, weightDecay: settings.weightDecay };
  const loraRate = settings.loraLearningRate / settings.headLearningRate;
  const buildStep = (room: Room) => {
    const graph = new Graph();
    const { parameters, logits } = buildPrediction(graph, config, table, batch, room, true);
    const target = graph.input("labels", [batch]);
    const weights = graph.input("weights", [batch]);
    const loss = binaryCrossEntropy(logits, target, weights);
    graph.output("loss", loss);
    const trainables = [...parameters.tensors]
      .filter(([name]) => isTrained(name))
      .map(([name, tensor]) => ({ tensor, rate: name.includes("lora") ? loraRate : 1 }));
    adamW(graph, loss, trainables, adam);
    return { graph, parameters };
  };
  const buildTest = (room: Room) => {
    const graph = new Graph();
    const { parameters, logits } = buildPrediction(graph, config, table, batch, room, false);
    graph.output("logits", logits);
    return { graph, parameters };
  };
  const { session, parameters } = compileRooms(batch, processor, buildStep);
  const { session: testSession } = compileRooms(batch, processor, buildTest);
  // Without a base the members share what is drawn and frozen all the same: the model holds it once.
  const shared = parameters.initial(seed, options.base);
  const drawn = parameters.initial(new Random(seed, member).integer(2 ** 31), options.base);
  const frozen = new Map([...shared].filter(([name]) => !isTrained(name)));
  const learned = new Map([...drawn].filter(([name]) => isTrained(name)));
  const resident = await upload(frozen, processor);

  const score = async (rows: readonly StartedRow[], values: Readonly<Record<string, Feed>>) => {
    const result = new Float64Array(rows.length);
    for (let first = 0; first < rows.length; first += batch) {
      const part = rows.slice(first, first + batch);
      const feeds = rowFeeds(config, table, part, startsOf(part), batch);
      const output = await testSession.run({ ...resident.feeds, ...values, ...feeds });
      result.set(floats(output.logits).subarray(0, part.length), first);
    }
    return result;
  };

  const validLabels = labelsOf(options.validation);
  const stepsPerEpoch = Math.ceil(training.length / batch);
  const steps = stepsPerEpoch * settings.epochs;
  const rowsOf = shuffledBatches(
    { rows: training.length, batch, stepsPerEpoch },
    seed,
    member,
    "epoch",
  );
  const trained = await train(
    {
      stage: `Fine-tuning, ${options.of}`,
      session,
      state: initialState(learned),
      steps,
      adamW: adam,
      learningRate: (step) =>
        cosineSchedule(step, { peak: settings.headLearningRate, warmup: stepsPerEpoch, steps }),
      batch: (step) => {
        const rows = [...rowsOf(step)].map((row) => training[row]!);
        const padded = (values: Float32Array) => {
          const filled = new Float32Array(batch);
          filled.set(values);
          return filled;
        };
        return {
          ...resident.feeds,
          ...rowFeeds(config, table, rows, startsOf(rows), batch),
          labels: padded(labelsOf(rows)),
          weights: padded(new Float32Array(rows.length).fill(1)),
          keep: dropoutMask(
            batch * HEAD_INPUTS * config.width,
            settings.dropout,
            new Random(seed, member, "dropout", step),
          ),
        };
      },
      validate: {
        every: stepsPerEpoch,
        minimise: "logLoss",
        patience: settings.patience,
        measure: async (values) => {
          const logits = await score(options.validation, values);
          return { ...scoresOf(validLabels, applyTemperature(logits, 1)) };
        },
      },
      checkpointEvery: stepsPerEpoch,
    },
    options.folder,
    options.watcher,
  );
  const best = await upload(trained.parameters, processor);
  const scored: Float64Array[] = [];
  for (const rows of options.scored) scored.push(await score(rows, best.feeds));
  const result: Member = {
    frozen,
    parameters: trained.parameters,
    step: trained.step,
    validation: await score(options.validation, best.feeds),
    scored,
  };
  for (const values of [best, resident]) await values.release();
  await session.release();
  await testSession.release();
  return result;
}

const startsOf = (rows: readonly StartedRow[]): number[] => rows.map(({ start }) => start);

export function scoresOf(labels: Labels, probabilities: ArrayLike<number>): Scores {
  return {
    prAuc: averagePrecision(labels, probabilities),
    rocAuc: rocAuc(labels, probabilities),
    logLoss: logLoss(labels, probabilities),
  };
}
