import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { InputError } from "../base/error.js";
import { readText, sha256, sha256File, writeWhole } from "../base/file.js";
import { parseAs } from "../base/json.js";
import {
  type Evaluation,
  type Labels,
  type Point,
  reliabilityBins,
  rocCurve,
  type Scores,
} from "../evaluation/index.js";
import { cardHash } from "../model/index.js";
import type { ModelCard } from "../training/finetune.js";
import { KeptEvaluation } from "./answer.js";

/** The file in a model's folder. */
const FILE = "evaluations.json";
/** Points of a kept ROC curve at most: a plot shows no more. */
const MOST_POINTS = 101;

const Kept = z.object({
  /** Hash of the card of the model that was evaluated. */
  card: z.string(),
  evaluations: z.array(KeptEvaluation),
  /** Of the two above. */
  sha256: z.string(),
});

/**
 * How a model did on the files that it was evaluated on with `--keep`, in the order in which they were first kept.
 * @throws InputError if they were altered, or are those of another version of the model
 */
export function readEvaluations(folder: string, card: ModelCard): KeptEvaluation[] {
  const kept = readKept(folder);
  if (kept === undefined) return [];
  if (kept.card !== cardHash(card))
    throw new InputError("is of another version of the model", {
      file: join(folder, FILE),
      remedy: "Remove it, and run cladmop evaluate --keep again",
    });
  return kept.evaluations;
}

function readKept(folder: string): z.infer<typeof Kept> | undefined {
  const file = join(folder, FILE);
  if (!existsSync(file)) return undefined;
  const place = { file, remedy: "Remove it, and run cladmop evaluate --keep again" };
  const kept = parseAs(Kept, readText(file), place);
  if (kept.sha256 !== hashOf(kept))
    throw new InputError("was altered (its SHA-256 does not match)", place);
  return kept;
}

const hashOf = ({ card, evaluations }: Omit<z.infer<typeof Kept>, "sha256">): string =>
  sha256(JSON.stringify([card, evaluations]));

export interface Evaluated {
  /** The file of trials; known by its name, wherever it lies. */
  readonly file: string;
  readonly labels: Labels;
  readonly probabilities: Scores;
  readonly result: Evaluation;
  readonly note: string | undefined;
}

/**
 * Keeps an evaluation beside the model, in place of an earlier one of a file of that name. Those of another
 * version of the model are dropped.
 * @returns the file that holds it
 * @throws InputError if earlier ones were altered, or the file cannot be written
 */
export function keepEvaluation(folder: string, card: ModelCard, evaluated: Evaluated): string {
  const before = readKept(folder);
  const own = cardHash(card);
  const evaluations = before?.card === own ? [...before.evaluations] : [];
  const added = kept(evaluated);
  const place = evaluations.findIndex(({ file }) => file === added.file);
  evaluations.splice(place < 0 ? evaluations.length : place, 1, added);
  const content = { card: own, evaluations };
  const file = join(folder, FILE);
  writeWhole(file, `${JSON.stringify({ ...content, sha256: hashOf(content) }, null, 1)}\n`);
  return file;
}

function kept({ file, labels, probabilities, result, note }: Evaluated): KeptEvaluation {
  const { n, positives, prAuc, rocAuc, f1, brier, ece, interval } = result;
  return {
    file: basename(file),
    sha256: sha256File(file),
    trials: n,
    successes: positives,
    ...{ prAuc, rocAuc, f1, brier, ece },
    interval: { prAuc: [...interval.prAuc], rocAuc: [...interval.rocAuc] },
    calibration: reliabilityBins(labels, probabilities).map(
      ({ predicted = null, observed = null, ...bin }) => ({ ...bin, predicted, observed }),
    ),
    roc: thinned(rocCurve(labels, probabilities)).map(([x, y]) => [rounded(x), rounded(y)]),
    note: note ?? null,
  };
}

/** At most {@link MOST_POINTS} of the points, as evenly as can be, with both ends. */
function thinned(points: readonly Point[]): Point[] {
  const kept = Math.min(points.length, MOST_POINTS);
  return Array.from(
    { length: kept },
    (_, i) => points[Math.round((i * (points.length - 1)) / (kept - 1))]!,
  );
}

const rounded = (x: number): number => Math.round(x * 1e4) / 1e4;
