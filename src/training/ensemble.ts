import { splitAtFold, stratifiedFolds } from "../base/labels.js";
import { Random } from "../base/random.js";
import type { TensorData } from "../base/safetensors.js";
import type { Watcher } from "../base/watcher.js";
import { applyTemperature, bestF1Threshold, fitTemperature } from "../evaluation/index.js";
import type { Processor } from "../graph/index.js";
import type { DiseaseTable, ModelConfig } from "../model/index.js";
import { fitLevel, type Level, levelLogits } from "../shallow/index.js";
import { fitMember, type Member, startedAt } from "./member.js";
import { chooseRows, labelsOf, type Rows } from "./rows.js";
import type { RunRecord } from "./run-folder.js";

/** Members that were fitted together, and how their mean logit becomes a probability. */
export interface Ensemble {
  readonly members: readonly Member[];
  /** The members' shallow levels, where the configuration has them. */
  readonly levels: readonly Level[];
  /** Logits of the training trials by the member that had not seen them, and of its shallow level alone. */
  readonly outOfFold: Float64Array;
  readonly shallowOutOfFold: Float64Array;
  /** Mean logits of the validation trials, and of those that were to be scored. */
  readonly validation: Float64Array;
  readonly scored: Float64Array;
  /** Logits are divided by it. */
  readonly temperature: number;
  /** P(success) from which a trial counts as a success (best F1 on validation). */
  readonly threshold: number;
}

/**
 * Fine-tunes an ensemble (Zhang et al. 2025 fit one model). Each member leaves one fold of the training
 * trials out: their mean logit is the prediction, their spread, as a grouped jackknife, its interval. A
 * single member sees all training trials, and has none out of fold. Stopping, temperature and threshold
 * come from the validation trials alone.
 * @throws InputError if there are too few trials of an outcome, Interrupted if the watcher stops it
 */
export async function fitEnsemble(options: {
  readonly config: ModelConfig;
  readonly table: DiseaseTable;
  /** Parameters of the base; what it lacks is drawn. */
  readonly base: ReadonlyMap<string, TensorData>;
  readonly training: Rows;
  readonly validation: Rows;
  /** Further trials that each member scores once it is fitted. */
  readonly scored?: Rows | undefined;
  readonly members: number;
  readonly seed: number;
  readonly processor: Processor;
  /** Where a member keeps its metrics and checkpoints. */
  readonly folderOf: (member: number) => RunRecord;
  /** Told of each member when it is fitted. */
  readonly fitted?: (member: Member, index: number) => void;
  readonly watcher: Watcher;
}): Promise<Ensemble> {
  const { training, validation, seed, watcher } = options;
  const labels = labelsOf(training.rows);
  const folds =
    options.members > 1
      ? stratifiedFolds(labels, options.members, new Random(seed, "members"))
      : new Int32Array(labels.length).fill(-1);
  const outOfFold = new Float64Array(labels.length);
  const shallowOutOfFold = new Float64Array(labels.length);
  const members: Member[] = [];
  const levels: Level[] = [];
  for (let index = 0; index < options.members; index++) {
    const split = splitAtFold(folds, index);
    const of = `member ${index + 1} of ${options.members}`;
    const known = chooseRows(training, split.known);
    const unseen = chooseRows(training, split.unseen);
    if (known.shallow)
      watcher.report({ stage: `Fitting the shallow level, ${of}`, done: 0, total: 1 });
    const shallow =
      known.shallow &&
      fitLevel(known.shallow, labelsOf(known.rows), {
        seed: new Random(seed, "shallow", index).integer(2 ** 31),
      });
    const startsOf = ({ shallow: features }: Rows) =>
      shallow && features && levelLogits(shallow.level, features);
    const unseenStarts = startsOf(unseen);
    const others = options.scored;
    const member = await fitMember({
      ...options,
      member: index,
      of,
      training: startedAt(known, shallow?.outOfFold),
      validation: startedAt(validation, startsOf(validation)),
      scored: [startedAt(unseen, unseenStarts), others ? startedAt(others, startsOf(others)) : []],
      folder: options.folderOf(index),
    });
    split.unseen.forEach((row, i) => {
      outOfFold[row] = member.scored[0]![i]!;
      shallowOutOfFold[row] = unseenStarts?.[i] ?? 0;
    });
    options.fitted?.(member, index);
    members.push(member);
    if (shallow) levels.push(shallow.level);
  }
  const validLabels = labelsOf(validation.rows);
  const logits = meanOf(members.map((one) => one.validation));
  const temperature = fitTemperature(logits, validLabels);
  return {
    members,
    levels,
    outOfFold,
    shallowOutOfFold,
    validation: logits,
    scored: meanOf(members.map((one) => one.scored[1]!)),
    temperature,
    threshold: bestF1Threshold(validLabels, applyTemperature(logits, temperature)),
  };
}

/** The mean of each entry over vectors of equal length. */
function meanOf(vectors: readonly Float64Array[]): Float64Array {
  return vectors[0]!.map(
    (_, i) => vectors.reduce((sum, vector) => sum + vector[i]!, 0) / vectors.length,
  );
}
