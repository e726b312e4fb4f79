import { groupBy } from "../base/group.js";
import type { Check } from "./check.js";
import { examplesOf, shareOf } from "./finding.js";
import {
  type AuditInput,
  filesOf,
  idOf,
  isHeldOut,
  isLabelled,
  type Pretraining,
} from "./input.js";

/** Labelled trials that a model was pre-trained on. */
export const pretrainedTrials: Check = {
  name: "pretrained-trials",
  why: "Only successful trials are pre-trained on, so having been seen tells the label.",
  remedy: "Build it again with this split among the files that --exclude names.",
  find: ({ pretrainings, models, dataSets }) =>
    [
      ...pretrainings,
      ...models.map(({ path, seen }) => ({ path, trials: new Set(seen?.pretraining) })),
    ].flatMap(({ path, trials: seen }) =>
      dataSets.flatMap(({ name, splits }) =>
        splits.filter(isLabelled).flatMap((split) => {
          const ids = split.trials.map(idOf).filter((id) => seen.has(id));
          if (ids.length === 0) return [];
          return [
            {
              severity: isHeldOut(split) ? ("leak" as const) : ("warning" as const),
              subject: path,
              found: `it has seen ${shareOf(ids.length, split.trials.length, "trial")} of ${name} ${split.role}`,
              examples: examplesOf(ids),
            },
          ];
        }),
      ),
    ),
};

/** Trials that were pre-trained on and that a benchmark has scored. */
export const pretrainedScored: Check = {
  ...pretrainedTrials,
  name: "pretrained-scored",
  find: ({ pretrainings, cells }) =>
    pretrainings.flatMap(({ path, trials: seen }) =>
      [...groupBy(cells, (cell) => `${cell.scored} in ${cell.path}`)].flatMap(([place, own]) => {
        const trials = new Set(own.flatMap(({ predictions }) => predictions?.trials ?? []));
        const ids = [...trials].filter((id) => seen.has(id));
        if (ids.length === 0) return [];
        return [
          {
            severity: "leak" as const,
            subject: path,
            found: `it has seen ${shareOf(ids.length, trials.size, "trial")} scored of ${place}`,
            examples: examplesOf(ids),
          },
        ];
      }),
    ),
};

/** Drugs of held-out trials among those of the pre-training, which approval has chosen. */
export const pretrainedDrugs: Check = {
  name: "pretrained-drugs",
  why: "Trials are pre-trained on because their drug was approved, which tells how its other trials ended.",
  remedy:
    "Report this share with the figures, or build it with --exclude-drugs, or --before the held-out trials.",
  find: (input) =>
    input.pretrainings.flatMap((pretraining) => {
      const { path, trials, drugsExcludedOf } = pretraining;
      const { found, molecules } = moleculesOf(pretraining, input);
      return input.dataSets.flatMap(({ name, splits }) =>
        splits.filter(isHeldOut).flatMap((split) => {
          const own = new Set(split.trials.flatMap((trial) => trial.molecules));
          const shared = [...own].filter((smiles) => molecules.has(smiles));
          if (shared.length === 0) return [];
          const excluded = split.files.some(({ sha256 }) => drugsExcludedOf.has(sha256));
          const told = split.trials.filter((one) => one.molecules.some((s) => molecules.has(s)));
          return [
            {
              severity: excluded ? ("leak" as const) : ("warning" as const),
              subject: path,
              found:
                `it has ${shareOf(shared.length, own.size, "molecule")} of ${name} ${split.role}, one or ` +
                `more in ${shareOf(told.length, split.trials.length, "trial")}` +
                (excluded ? ", although it says that it excludes them" : "") +
                (found < trials.size
                  ? ` (by ${found} of its ${trials.size} trials, which the files given hold)`
                  : ""),
              examples: examplesOf(told.map(idOf)),
            },
          ];
        }),
      );
    }),
};

/** The molecules of a pre-training's trials, as far as its own file or the others given hold them. */
function moleculesOf(
  { path, trials }: Pretraining,
  input: AuditInput,
): { found: number; molecules: Set<string> } {
  const all = filesOf(input);
  const own = all.filter(({ dataSet }) => dataSet === path);
  const known = new Map(
    (own.length > 0 ? own : all)
      .flatMap((file) => file.trials)
      .map((trial) => [idOf(trial), trial.molecules]),
  );
  const found = [...trials].flatMap((id) => (known.has(id) ? [known.get(id)!] : []));
  return { found: found.length, molecules: new Set(found.flat()) };
}
