import type { Check } from "./check.js";
import { examplesOf, shareOf } from "./finding.js";
import { filesOf, idOf } from "./input.js";

/** Test trials among the files that a model was fitted or chosen on, which its card lists by hash. */
export const fittedOnTest: Check = {
  name: "fitted-on-test",
  why: "What a model, its threshold or its temperature was fitted on says nothing of new trials.",
  remedy: "Fit it again without these trials, or score it on others.",
  find: (input) =>
    input.models.flatMap(({ path, data }) => {
      const files = filesOf(input);
      const hashes = new Set(Object.values(data));
      const used = files.filter(({ sha256 }) => hashes.has(sha256));
      const seen = new Set(used.flatMap(({ trials }) => trials.map(idOf)));
      return files
        .filter(({ role }) => role === "test")
        .flatMap(({ dataSet, trials }) => {
          const ids = trials.map(idOf).filter((id) => seen.has(id));
          if (ids.length === 0) return [];
          const isItsTest = used.some((file) => file.dataSet === dataSet);
          return [
            {
              severity: isItsTest ? ("leak" as const) : ("warning" as const),
              subject: path,
              found: `it was fitted or chosen on ${shareOf(ids.length, trials.length, "trial")} of ${dataSet} test`,
              examples: examplesOf(ids),
            },
          ];
        });
    }),
};
