import { InputError } from "../base/error.js";
import type { Labels } from "../base/labels.js";
import { Random } from "../base/random.js";
import { CHAPTERS } from "../disease/index.js";
import type { TrialFeatures } from "../model/index.js";
import type { Splits } from "./data.js";
import type { Cell } from "./grid.js";

/** Which trials of each split a cell fits on, validates on and scores, by row. */
export interface Chosen {
  readonly train: readonly number[];
  /** Undefined where the task allows no validation trials. */
  readonly valid: readonly number[] | undefined;
  readonly test: readonly number[];
}

/** @throws InputError if the data set has too few trials for the cell */
export function chooseTrials(
  { task, settings, seed }: Pick<Cell, "task" | "settings" | "seed">,
  splits: Splits,
): Chosen {
  const all = (part: keyof Splits) => [...splits[part].labels.keys()];
  const where = (part: keyof Splits, holds: (features: TrialFeatures) => boolean) =>
    all(part).filter((row) => holds(splits[part].trials[row]!.features));
  switch (task) {
    case "zero-shot":
      return { train: [], valid: undefined, test: all("test") };
    case "few-shot":
      return {
        train: drawShots(splits.train.labels, Number(settings.shots), seed, splits.train.file),
        valid: undefined,
        test: all("test"),
      };
    case "new-disease": {
      const chapter = chapterToken(String(settings.chapter));
      const has = ({ diseases }: TrialFeatures) => diseases.includes(chapter);
      const lacks = (features: TrialFeatures) => !has(features);
      return {
        train: where("train", lacks),
        valid: where("valid", lacks),
        test: where("test", has),
      };
    }
    default:
      return { train: all("train"), valid: all("valid"), test: all("test") };
  }
}

/** `shots` trials of either outcome; fewer of the same draw are among more of it. */
function drawShots(labels: Labels, shots: number, seed: number, file: string): number[] {
  const order = [...new Random(seed, "shots").permutation(labels.length)];
  const drawn = [1, 0].map((label) => order.filter((row) => labels[row] === label).slice(0, shots));
  if (drawn.some(({ length }) => length < shots))
    throw new InputError(`has fewer than ${shots} trials of one outcome`, {
      file,
      remedy: "Ask for fewer shots",
    });
  return drawn.flat();
}

/** The disease token of a chapter's range, such as "C00-D49". */
const chapterToken = (range: string) => `chapter:${range}`;

/** Trials of either outcome that a chapter left out must have among the scored ones. */
const LEAST = 10;

/** Ranges of the ICD-10 chapters with enough scored trials of either outcome. */
export function chaptersOf({ test }: Splits): string[] {
  return CHAPTERS.map(({ range }) => range).filter((range) => {
    const labels = test.labels.filter((_, row) =>
      test.trials[row]!.features.diseases.includes(chapterToken(range)),
    );
    const positives = labels.filter((label) => label === 1).length;
    return Math.min(positives, labels.length - positives) >= LEAST;
  });
}
