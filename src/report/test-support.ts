import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256, writeWhole } from "../base/file.js";
import { Random } from "../base/random.js";
import type { CellFailure, CellResult, Predictions, Settings, Task } from "../benchmark/result.js";
import {
  accuracy,
  averagePrecision,
  brier,
  expectedCalibrationError,
  f1,
  figuresBySubgroup,
  interval,
  logLoss,
  rocAuc,
} from "../evaluation/index.js";

// A made-up benchmark: the truth of each trial is drawn once, and a method sees as much of it as its
// strength says.

export interface MadeUpCell {
  readonly result: CellResult;
  readonly predictions: Predictions;
}

interface What {
  readonly task: Task;
  readonly dataset: string;
  readonly method: string;
  readonly title: string;
  readonly ours?: boolean;
  readonly reference?: boolean;
  readonly settings?: Settings;
  readonly seed: number;
  /** How far apart the mean scores of successes and failures are, in standard deviations. */
  readonly strength: number;
  readonly areProbabilities?: boolean;
}

/** One cell on `n` made-up trials. The same data set has the same trials, however many methods score them. */
export function madeUpCell(what: What, n: number): MadeUpCell {
  const { task, dataset, method, title, settings = {}, seed, strength } = what;
  const { areProbabilities = true, ours = false, reference = false } = what;
  const truth = new Random("made-up truth", dataset, JSON.stringify(settings.chapter ?? ""));
  const share = dataset === "phase-3" ? 0.75 : 0.55;
  const trials = Array.from({ length: n }, (_, i) => `NCT${String(90_000_000 + i)}`);
  const labels = trials.map(() => (truth.uniform() < share ? 1 : 0));
  // What all methods see alike, and what only this one sees.
  const shared = labels.map(() => truth.normal());
  const own = new Random("made-up scores", method, JSON.stringify(settings), seed);
  const prior = Math.log(share / (1 - share));
  const scores = labels.map((label, i) => {
    const seen = strength * (label - 0.5) + 0.7 * shared[i]! + 0.7 * own.normal();
    return areProbabilities ? 1 / (1 + Math.exp(-(prior + strength * seen))) : seen;
  });
  const threshold = areProbabilities ? 0.4 : null;
  const id = sha256(JSON.stringify([task, dataset, method, settings, seed])).slice(0, 12);
  const groups = {
    chapter: groupsOf(n, ["C00-D49 Neoplasms", "I00-I99 Circulatory <system>", "Z00-Z99 Factors"]),
    phase: groupsOf(n, ["1", "1/2"]),
    year: groupsOf(n, ["2005", "2006", "2007", "unknown"]),
    "healthy volunteers": groupsOf(n, ["healthy volunteers", "patients only"]),
    disease: groupsOf(n, ["known", "known", "known", "new"]),
    drug: groupsOf(n, ["known", "new", "no molecule"]),
  };
  const ofProbabilities = (metric: typeof brier) =>
    areProbabilities ? metric(labels, scores) : null;
  const ofDecisions = (metric: typeof f1) =>
    threshold === null ? null : metric(labels, scores, threshold);
  const bounds = { seed, resamples: 100 };
  return {
    result: {
      id,
      task,
      dataset,
      method,
      title,
      ours,
      reference,
      settings,
      seed,
      configuration: id,
      data: { [`${dataset}_test.csv`]: sha256(dataset), "model.safetensors": sha256("encoder") },
      scored: `${dataset}_test.csv`,
      seconds: 12.5,
      figures: {
        n,
        positives: labels.filter((label) => label === 1).length,
        prAuc: averagePrecision(labels, scores),
        rocAuc: rocAuc(labels, scores),
        f1: ofDecisions(f1),
        accuracy: ofDecisions(accuracy),
        threshold,
        brier: ofProbabilities(brier),
        ece: ofProbabilities(expectedCalibrationError),
        logLoss: ofProbabilities(logLoss),
        interval: {
          prAuc: interval(labels, scores, averagePrecision, bounds),
          rocAuc: interval(labels, scores, rocAuc, bounds),
        },
      },
      validation: task === "supervised" ? { prAuc: 0.8, rocAuc: 0.75 } : null,
      subgroups: Object.fromEntries(
        Object.entries(groups).map(([kind, members]) => [
          kind,
          figuresBySubgroup(members, { labels, scores, threshold, areProbabilities }),
        ]),
      ),
    },
    predictions: { trials, labels, scores, areProbabilities },
  };
}

function groupsOf(n: number, names: readonly string[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (let i = 0; i < n; i++) {
    const name = names[i % names.length]!;
    groups.set(name, [...(groups.get(name) ?? []), i]);
  }
  return groups;
}

/** Names of our methods begin with these. */
const OURS = /^(cladmop|few|deep)/;

/**
 * Method, title and strength of each task, its reference first; scores of the last two of zero-shot are
 * no probabilities.
 */
const METHODS: Readonly<Record<Task, readonly (readonly [string, string, number])[]>> = {
  supervised: [
    ["cladmop", "CLaDMoP", 0.85],
    ["cladmop-scratch", "CLaDMoP, no pre-training", 0.84],
    ["tf-idf-words", "TF-IDF of words, LR", 0.75],
    ["tf-idf-characters", "TF-IDF of characters, LR", 0.8],
    ["logistic-regression", "LR", 0.35],
    ["random-forest", "RF", 0.5],
    ["gradient-boosting", "XGBoost <script>alert(1)</script> | & co", 0.55],
    ["mexa-ctp", "MEXA-CTP", 0.5],
  ],
  "zero-shot": [
    ["cladmop", "CLaDMoP", 0.3],
    ["disease-base-rate", "base rate of the disease", 0.45],
    ["nearest-successful", "nearest successful trials", 0.1],
    ["random", "random", 0],
    ["criteria-length", "length of the criteria", 0.2],
    ["perplexity", "perplexity", -0.1],
  ],
  "few-shot": [
    ["few-lora", "CLaDMoP + LoRA", 1],
    ["few-head", "CLaDMoP + head", 0.9],
    ["prototypes", "prototypes", 0.8],
    ["logistic-embeddings", "LR on embeddings", 0.7],
  ],
  "new-disease": [
    ["deep", "full model", 0.7],
    ["tf-idf-words", "TF-IDF of words, LR", 0.5],
  ],
  ablation: [
    ["deep", "full model", 0.85],
    ["deep-scratch", "no pre-training", 0.86],
    ["deep-g1", "G = 1, S = 2", 0.7],
    ["deep-s0", "G = 3, S = 0", 0.5],
    ["deep-neither", "neither pre-training nor fine-tuning of the branch", 0.2],
  ],
};

/** Every task on every data set. `trials` are scored of each. */
export function madeUpBenchmark({
  datasets,
  seeds,
  trials,
}: {
  readonly datasets: readonly string[];
  readonly seeds: readonly number[];
  readonly trials: number;
}): MadeUpCell[] {
  const settingsOf: Readonly<Partial<Record<Task, readonly Settings[]>>> = {
    "few-shot": [1, 2, 4, 8, 16].map((shots) => ({ shots })),
    "new-disease": ["C00-D49", "E00-E89"].map((chapter) => ({ chapter })),
  };
  return datasets.flatMap((dataset) =>
    (Object.keys(METHODS) as Task[]).flatMap((task) =>
      METHODS[task].flatMap(([method, title, strength], rank) =>
        (settingsOf[task] ?? [task === "ablation" ? { ablation: title } : {}]).flatMap((settings) =>
          (task === "zero-shot" && rank > 0 ? seeds.slice(0, 1) : seeds).map((seed) =>
            madeUpCell(
              {
                task,
                dataset,
                method,
                title,
                ours: OURS.test(method),
                reference: rank === 0,
                settings,
                seed,
                strength:
                  strength * (settings.shots ? Math.log2(Number(settings.shots) + 1) / 5 : 1),
                areProbabilities: task !== "zero-shot" || rank < 4,
              },
              settings.chapter ? Math.round(trials / 4) : trials,
            ),
          ),
        ),
      ),
    ),
  );
}

export const MADE_UP_FAILURE: CellFailure = {
  id: "0123456789ab",
  task: "zero-shot",
  dataset: "phase-1",
  method: "llm",
  settings: {},
  seed: 1,
  message: "http://localhost:1/v1 does not answer <yet>",
  log: "logs/0123456789ab.txt",
};

/** Writes a folder as the benchmark does; a temporary one by default. */
export function writeBenchmark(
  cells: readonly MadeUpCell[],
  {
    failures = [],
    folder = mkdtempSync(join(tmpdir(), "benchmark-")),
  }: { readonly failures?: readonly CellFailure[]; readonly folder?: string } = {},
): string {
  const lines = (values: readonly unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`);
  writeWhole(join(folder, "results.ndjson"), lines(cells.map(({ result }) => result)).join(""));
  if (failures.length > 0) writeWhole(join(folder, "failures.ndjson"), lines(failures).join(""));
  for (const { result, predictions } of cells) {
    writeWhole(join(folder, "predictions", `${result.id}.json`), JSON.stringify(predictions));
  }
  return folder;
}
