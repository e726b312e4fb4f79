import { InputError } from "../base/error.js";
import { readPredictions } from "../benchmark/predictions.js";
import type { CellResult, Predictions } from "../benchmark/result.js";
import type { Row } from "./aggregate.js";

/** Reads the predictions of cells; means over seeds are kept. */
export class ScoreReader {
  readonly folder: string;
  readonly #means = new Map<Row, Predictions>();

  constructor(folder: string) {
    this.folder = folder;
  }

  /** @throws InputError see {@link readPredictions}. */
  of(cell: CellResult): Predictions {
    return readPredictions(this.folder, cell);
  }

  /**
   * The mean over seeds of what the row's cells said of each trial: the seeds as one ensemble.
   * @throws InputError see {@link readPredictions}, or if the seeds were scored on different trials.
   */
  mean(row: Row): Predictions {
    const known = this.#means.get(row);
    if (known !== undefined) return known;
    const [first, ...others] = row.cells.map((cell) => this.of(cell));
    const sums = Float64Array.from(first!.scores);
    others.forEach((other, i) => {
      checkSameTrials(first!, other, [row.cells[0]!, row.cells[i + 1]!]);
      other.scores.forEach((score, trial) => {
        sums[trial]! += score;
      });
    });
    const scores = Array.from(sums, (sum) => sum / row.cells.length);
    const mean = { ...first!, scores };
    this.#means.set(row, mean);
    return mean;
  }
}

/** @throws InputError if two cells were not scored on the same trials in the same order. */
export function checkSameTrials(
  first: Predictions,
  second: Predictions,
  [a, b]: readonly [CellResult, CellResult],
): void {
  const same =
    first.trials.length === second.trials.length &&
    first.trials.every((trial, i) => trial === second.trials[i]) &&
    first.labels.every((label, i) => label === second.labels[i]);
  if (!same) {
    throw new InputError(
      `${a.title} (seed ${a.seed}, ${a.id}) and ${b.title} (seed ${b.seed}, ${b.id}) were not scored on the same trials of ${a.dataset}`,
      {
        field: "trials",
        remedy: "Run the benchmark in a new folder, with one version of the data",
      },
    );
  }
}
