import { countPositives } from "../base/labels.js";
import {
  brier,
  delong,
  expectedCalibrationError,
  logLoss,
  reliabilityBins,
  rocAuc,
} from "../evaluation/index.js";
import type { Figures, ModelPerformance, Performance } from "./answer.js";
import type { Database } from "./database.js";

/** A trial whose outcome is known, as a model had predicted it. */
interface Outcome {
  readonly model_name: string;
  readonly model_sha256: string;
  readonly probability: number;
  /** Whether the model was made with the trial, where it says so. */
  readonly used: 0 | 1 | null;
  readonly label: 0 | 1;
}

/**
 * A trial that a model predicted several times counts once, or what was asked often would weigh more. Its outcome is
 * the label that was given last to one of these predictions; it is compared with the last prediction that was made
 * before the first label: that is what its planners had to go by, and no later draft can be better for knowing the
 * outcome.
 */
const OUTCOMES = `
  with labelled as (
    select model_sha256, trial, label, min(known_at) over of_trial as known_at,
      row_number() over (of_trial order by labelled_at desc, seq desc) as place
    from cladmop_predictions where label is not null MODEL
    window of_trial as (partition by model_sha256, trial)
  ), ranked as (
    select p.seq, p.model_name, p.model_sha256, p.probability, p.used, l.label,
      row_number() over (partition by p.model_sha256, p.trial order by p.seq desc) as place
    from labelled l join cladmop_predictions p on p.model_sha256 = l.model_sha256 and p.trial = l.trial
    where l.place = 1 and p.created_at <= l.known_at
  )
  select model_name, model_sha256, probability, used, label from ranked where place = 1 order by seq desc`;

/** How past predictions did, for each model or one. */
export async function performanceOf(
  database: Database,
  model: string | undefined,
): Promise<Performance> {
  const rows = await database.read<Outcome>(
    OUTCOMES.replace("MODEL", model === undefined ? "" : "and model_sha256 = $1"),
    model === undefined ? [] : [model],
  );
  const models = new Map<string, Outcome[]>(); // in the order of their last predictions
  for (const row of rows) {
    const ofModel = models.get(row.model_sha256);
    if (ofModel === undefined) models.set(row.model_sha256, [row]);
    else ofModel.push(row);
  }
  return { models: [...models.values()].map(performanceOfModel) };
}

function performanceOfModel(outcomes: readonly Outcome[]): ModelPerformance {
  const { model_name: name, model_sha256: sha256 } = outcomes[0]!;
  return {
    model: { name, sha256 },
    unseen: figuresOf(outcomes.filter(({ used }) => used !== 1)),
    unsaid: outcomes.filter(({ used }) => used === null).length,
    seen: figuresOf(outcomes.filter(({ used }) => used === 1)),
  };
}

function figuresOf(outcomes: readonly Outcome[]): Figures | null {
  if (outcomes.length === 0) return null;
  const labels = outcomes.map(({ label }) => label);
  const probabilities = outcomes.map(({ probability }) => probability);
  const successes = countPositives(labels);
  const rarer = Math.min(successes, labels.length - successes);
  return {
    n: labels.length,
    successes,
    brier: brier(labels, probabilities),
    logLoss: logLoss(labels, probabilities),
    rocAuc:
      rarer === 0
        ? null
        : {
            value: rocAuc(labels, probabilities),
            // One trial of an outcome has no variance.
            interval: rarer === 1 ? null : [...delong(labels, probabilities).interval],
          },
    ece: expectedCalibrationError(labels, probabilities),
    bins: reliabilityBins(labels, probabilities).flatMap(
      ({ from, to, count, predicted, observed }) =>
        count === 0 ? [] : [{ from, to, count, predicted: predicted!, observed: observed! }],
    ),
  };
}
