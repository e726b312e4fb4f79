import type { TensorData } from "../base/safetensors.js";
import type { Watcher } from "../base/watcher.js";
import { applyTemperature } from "../evaluation/index.js";
import type { Processor } from "../graph/index.js";
import type { DiseaseTable, Match, ModelConfig } from "../model/index.js";
import {
  denseRows,
  fitLogisticRegression,
  probabilitiesOf,
  type SparseRows,
} from "../shallow/index.js";
import { fitMember } from "../training/member.js";
import type { Row } from "../training/rows.js";
import { UNRECORDED } from "../training/run-folder.js";

/** A trial as fine-tuning reads it, and what the base makes of it. */
export interface MatchedRow extends Row {
  readonly match: Match;
}

export interface FewShotOptions {
  readonly training: readonly MatchedRow[];
  readonly scored: readonly MatchedRow[];
  /** Trials whose labels are not looked at, by which scores and embeddings are standardised. */
  readonly pool: readonly Match[];
  /** Whether the base was pre-trained: then the zero-shot score is the logit to start from. */
  readonly pretrained: boolean;
  /** Inverse strength of the head's penalty. */
  readonly c?: number;
}

/**
 * Inverse strength of the head's penalty, chosen on draws from earlier training trials of TOP that were
 * scored on later ones (bench/few-shot-head.js).
 */
const PENALTY = 0.3;

/**
 * A head on the frozen base, for a handful of labels: logistic regression on both sides of the pair, with
 * the zero-shot score, one standard deviation of it as one logit, to start from.
 * @returns P(success) of the scored trials
 */
export function fewShotHead({
  training,
  scored,
  c = PENALTY,
  ...options
}: FewShotOptions): Float64Array {
  const labels = training.map(({ label }) => label);
  const starts = startsOf(options);
  const features = embeddingsOf(options.pool);
  const model = fitLogisticRegression(features(training), labels, c, starts(training));
  return probabilitiesOf(model, features(scored), starts(scored));
}

/**
 * The same with LoRA: the head of fine-tuning and LoRA on all attention layers learn by gradient descent,
 * for the configuration's number of steps, from the same start.
 */
export async function fewShotLora(
  options: FewShotOptions & {
    readonly config: ModelConfig;
    readonly table: DiseaseTable;
    readonly base: ReadonlyMap<string, TensorData>;
    readonly seed: number;
    readonly processor: Processor;
    readonly watcher: Watcher;
  },
): Promise<Float64Array> {
  const { config } = options;
  const batch = Math.min(config.finetuning.batch, options.training.length);
  const starts = startsOf(options);
  const started = (rows: readonly MatchedRow[]) => {
    const logits = starts(rows);
    return rows.map((row, i) => ({ ...row, start: logits[i]! }));
  };
  const training = started(options.training);
  const { scored } = await fitMember({
    ...options,
    config: {
      ...config,
      shallow: true, // the start enters where the shallow level's logit does
      finetuning: { ...config.finetuning, batch, patience: config.finetuning.epochs },
    },
    member: 0,
    of: "few shots",
    training,
    validation: training, // there are no others: training goes on to its last step
    scored: [started(options.scored)],
    folder: UNRECORDED,
  });
  return applyTemperature(scored[0]!, 1);
}

/** Logits of rows before a label was seen. */
const startsOf = ({ pool, pretrained }: Pick<FewShotOptions, "pool" | "pretrained">) => {
  const { mean, deviation } = moments(pool.map(({ score }) => score));
  return (rows: readonly MatchedRow[]) =>
    Float64Array.from(rows, ({ match }) => (pretrained ? (match.score - mean) / deviation : 0));
};

/** Both sides of the pair, each column with mean 0 and variance 1 / columns in the pool. */
const embeddingsOf = (pool: readonly Match[]): ((rows: readonly MatchedRow[]) => SparseRows) => {
  const vectorOf = ({ criteria, molecules }: Match) => [...criteria, ...molecules];
  const vectors = pool.map(vectorOf);
  const columns = vectors[0]!.map((_, i) => moments(vectors.map((vector) => vector[i]!)));
  const width = Math.sqrt(columns.length);
  return (rows) =>
    denseRows(
      rows.map(({ match }) =>
        vectorOf(match).map(
          (value, i) => (value - columns[i]!.mean) / columns[i]!.deviation / width,
        ),
      ),
    );
};

function moments(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) || 1 };
}
