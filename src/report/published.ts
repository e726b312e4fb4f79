// biome-ignore-all lint/suspicious/noApproximativeNumericConstant: .693 and .707 are figures of merit here
/**
 * Published figures of TOP's three phases, to stand beside figures measured on its trials and nowhere
 * else. They were measured on the official test splits, by their authors and in their authors' ways; none
 * was measured by us but those of source "own".
 */
import type { CellResult } from "../benchmark/result.js";

/** Where a published figure is from. */
export const SOURCES = {
  S: "third-party reading of the full CLaDMoP paper (vdavamse/ctra); not checked against the paper",
  H: "HINT's repository (futianfan/clinical-trial-outcome-prediction)",
  M: "MEXA-CTP's repository (murai-lab/MEXA-CTP)",
  R: "re-evaluation of the benchmark, 2026 (azizcetinerr/top-benchmark-reeval)",
  O: "CTO (chufangao/CTOD)",
  own: "computed for this project from TOP's public files",
} as const;
export type Source = keyof typeof SOURCES;

export interface PublishedFigure {
  readonly mean: number;
  /** As published beside the mean; null where none was. */
  readonly deviation: number | null;
}

export interface PublishedRow {
  readonly title: string;
  readonly sources: readonly Source[];
  readonly prAuc: PublishedFigure | null;
  readonly f1: PublishedFigure | null;
  readonly rocAuc: PublishedFigure | null;
  /** What keeps a figure from being compared with others. */
  readonly note?: string;
}

/** What is published of one of TOP's phases. */
export interface PublishedPhase {
  /** The official test and validation splits: file name and number of trials. */
  readonly test: Split;
  readonly valid: Split;
  readonly rows: readonly PublishedRow[];
  /** The paper's. */
  readonly ablations: readonly PublishedRow[];
  /** Accuracy on trials of new diseases. */
  readonly newDisease: readonly {
    readonly title: string;
    readonly sources: readonly Source[];
    readonly accuracy: PublishedFigure;
  }[];
  /** Smallest difference in ROC-AUC that the split can show, of source R. */
  readonly minimalDifference: number;
}

type Split = readonly [file: string, trials: number];

/** What stands for no figure or a figure, alone or with its deviation. */
type Given = null | number | readonly [mean: number, deviation: number];

const figure = (given: Given): PublishedFigure | null => {
  if (given === null) return null;
  const [mean, deviation] = typeof given === "number" ? [given, null] : given;
  return { mean, deviation };
};

const row = (
  title: string,
  sources: readonly Source[],
  [prAuc, f1, rocAuc]: readonly [prAuc: Given, f1: Given, rocAuc: Given],
  note?: string,
): PublishedRow => ({
  title,
  sources,
  prAuc: figure(prAuc),
  f1: figure(f1),
  rocAuc: figure(rocAuc),
  ...(note !== undefined && { note }),
});

const newDisease = (cladmop: number, mexa: number): PublishedPhase["newDisease"] => [
  { title: "CLaDMoP", sources: ["S"], accuracy: { mean: cladmop, deviation: null } },
  { title: "MEXA-CTP", sources: ["S"], accuracy: { mean: mexa, deviation: null } },
];

const BINARISED = "PR-AUC of 0/1 decisions, not of scores";

/** Phases I, II and III. */
export const PUBLISHED: readonly PublishedPhase[] = [
  {
    test: ["phase_I_test.csv", 627],
    valid: ["phase_I_valid.csv", 117],
    ablations: [],
    minimalDifference: 0.067,
    newDisease: newDisease(0.543, 0.476),
    rows: [
      row("all-positive", ["own"], [0.553, 0.713, 0.5]),
      row("LR", ["M"], [0.513, 0.495, 0.485]),
      row("RF", ["M"], [0.514, 0.499, 0.542]),
      row("kNN+RF", ["M"], [0.513, 0.621, 0.528]),
      row("XGBoost", ["M"], [0.594, 0.624, 0.539]),
      row("AdaBoost", ["M"], [0.544, 0.633, 0.54]),
      row("FFNN", ["M"], [0.576, 0.634, 0.55]),
      row("HINT, its own scripts", ["H"], [0.565, 0.662, 0.576], BINARISED),
      row("HINT, average precision of its scores", ["own"], [0.636, 0.663, 0.564]),
      row("MEXA-CTP", ["M", "R"], [0.605, 0.713, 0.593]),
      row(
        "CLaDMoP, PEFT",
        ["S"],
        [
          [0.68, 0.016],
          [0.713, 0.019],
          [0.642, 0.015],
        ],
      ),
      row("LIFTED", ["S"], [0.707, 0.716, null]),
      row("LR on CTO labels", ["O"], [0.693, 0.732, 0.648]),
      row("CatBoost, tuned", ["R"], [null, null, 0.611]),
      row("TabFM", ["R"], [null, null, 0.614]),
      row("TF-IDF + LR, criteria only", ["own"], [0.688, 0.727, 0.663]),
    ],
  },
  {
    test: ["phase_II_test.csv", 1654],
    valid: ["phase_II_valid.csv", 446],
    ablations: [],
    minimalDifference: 0.035,
    newDisease: newDisease(0.594, 0.55),
    rows: [
      row("all-positive", ["own"], [0.555, 0.714, 0.5]),
      row("LR", ["M"], [0.56, 0.527, 0.559]),
      row("RF", ["M"], [0.553, 0.463, 0.626]),
      row("kNN+RF", ["M"], [0.573, 0.624, 0.56]),
      row("XGBoost", ["M"], [0.585, 0.552, 0.63]),
      row("AdaBoost", ["M"], [0.586, 0.583, 0.603]),
      row("FFNN", ["M"], [0.589, 0.564, 0.61]),
      row("HINT, its own scripts", ["H"], [0.629, 0.62, 0.646], BINARISED),
      row("MEXA-CTP", ["M", "R"], [0.635, 0.695, 0.638]),
      row("CLaDMoP, PEFT", ["S"], [[0.683, 0.012], [0.685, 0.015], null]),
      row("LIFTED", ["S"], [0.698, 0.662, null]),
      row("LR on CTO labels", ["O"], [0.667, 0.725, 0.63]),
      row("CatBoost, tuned", ["R"], [null, null, 0.603]),
      row("TabFM", ["R"], [null, null, 0.647]),
    ],
  },
  {
    test: ["phase_III_test.csv", 1146],
    valid: ["phase_III_valid.csv", 344],
    ablations: [
      row("neither pre-training nor fine-tuning", ["S"], [0.466, 0.357, null]),
      row("fine-tuning only", ["S"], [0.766, 0.8, null]),
      row("G = 1, S = 2", ["S"], [0.808, 0.797, null]),
      row("G = 3, S = 0", ["S"], [0.669, 0.612, null]),
      row("full", ["S"], [0.86, 0.861, null]),
    ],
    minimalDifference: 0.05,
    newDisease: newDisease(0.543, 0.556),
    rows: [
      row("all-positive", ["own"], [0.75, 0.857, 0.5]),
      row("LR", ["M"], [0.553, 0.624, 0.6]),
      row("RF", ["M"], [0.583, 0.675, 0.643]),
      row("kNN+RF", ["M"], [0.587, 0.67, 0.643]),
      row("XGBoost", ["M"], [0.627, 0.694, 0.668]),
      row("AdaBoost", ["M"], [0.589, 0.722, 0.624]),
      row("FFNN", ["M"], [0.572, 0.625, 0.62]),
      row("HINT, its own scripts", ["H"], [0.811, 0.848, 0.724], BINARISED),
      row("HINT, average precision of its scores", ["own"], [0.868, 0.849, 0.721]),
      row("MEXA-CTP", ["M", "R"], [0.771, 0.857, 0.693]),
      row(
        "CLaDMoP, PEFT",
        ["S"],
        [
          [0.86, 0.011],
          [0.861, 0.014],
          [0.702, 0.018],
        ],
      ),
      row("LIFTED", ["S"], [0.883, 0.838, null]),
      row("LR on CTO labels", ["O"], [0.814, 0.849, 0.637]),
      row("CatBoost, tuned", ["R"], [null, null, 0.68]),
      row("TabFM", ["R"], [null, null, 0.668]),
      row("base rates of disease and drug", ["R"], [null, null, 0.7]),
    ],
  },
];

/**
 * What is published of the trials that cells have scored. A data set is TOP's where a cell has scored an
 * official split of it, by name of the file and number of trials; what a configuration calls it does not count.
 */
export function publishedOf(
  cells: readonly Pick<CellResult, "scored" | "figures">[],
): PublishedPhase | undefined {
  return PUBLISHED.find(({ test, valid }) =>
    [test, valid].some(([file, trials]) =>
      cells.some(({ scored, figures }) => scored === file && figures.n === trials),
    ),
  );
}
