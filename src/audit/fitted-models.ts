import type { Check } from "./check.js";
import { examplesOf, shareOf } from "./finding.js";
import {
  type AuditInput,
  type DataSet,
  type FittedModel,
  filesOf,
  idOf,
  isLabelled,
  type Split,
} from "./input.js";

/**
 * Test trials among those that a model was fitted or chosen on, and trials of files that do not tell what
 * they are for.
 */
export const fittedOnTest: Check = {
  name: "fitted-on-test",
  why: "What a model, its threshold or its temperature was fitted on says nothing of new trials.",
  remedy: "Fit it again without these trials, or score it on others.",
  find: (input) =>
    input.models.flatMap((model) => {
      const seen = seenBy(model, input);
      return input.dataSets.flatMap((dataSet) =>
        dataSet.splits
          .filter((split) => split.role === "test" || isOfUnknownUse(split, model))
          .flatMap((split) => {
            const ids = split.trials.map(idOf).filter((id) => seen.has(id));
            if (ids.length === 0) return [];
            const isItsTest =
              split.role === "test" && !areOfOthers(ids, dataSet, seen, input.dataSets);
            const name = split.role === "test" ? `${dataSet.name} test` : dataSet.name;
            return [
              {
                severity: isItsTest ? ("leak" as const) : ("warning" as const),
                subject: model.path,
                found: `it was fitted or chosen on ${shareOf(ids.length, split.trials.length, "trial")} of ${name}`,
                examples: examplesOf(ids),
              },
            ];
          }),
      );
    }),
};

/** The trials that a model was fitted or chosen on; an older one lists files only. */
function seenBy({ seen, data }: FittedModel, input: AuditInput): ReadonlySet<string> {
  if (seen) return new Set([...seen.training, ...seen.validation]);
  const hashes = new Set(Object.values(data));
  const used = filesOf(input).filter(({ sha256 }) => hashes.has(sha256));
  return new Set(used.flatMap(({ trials }) => trials.map(idOf)));
}

/** Whether the split's names do not tell what it is for, and the model was not fitted on these files. */
const isOfUnknownUse = ({ role, files }: Split, { data }: FittedModel): boolean =>
  role === "other" && !files.every(({ sha256 }) => Object.values(data).includes(sha256));

/**
 * Whether a model that has seen these trials of a data set was fitted on others, such as those of another
 * phase, that have the trials too: it has not seen most of any of its splits.
 */
function areOfOthers(
  ids: readonly string[],
  dataSet: DataSet,
  seen: ReadonlySet<string>,
  all: readonly DataSet[],
): boolean {
  const isSeen = ({ trials }: Split) =>
    2 * trials.filter((trial) => seen.has(idOf(trial))).length > trials.length;
  const others = all.filter((other) => other !== dataSet).flatMap(({ splits }) => splits);
  const known = new Set(others.filter(isLabelled).flatMap(({ trials }) => trials.map(idOf)));
  return !dataSet.splits.some(isSeen) && ids.every((id) => known.has(id));
}
