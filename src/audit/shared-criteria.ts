import { groupBy } from "../base/group.js";
import { plainText } from "../trial/index.js";
import { type Check, inEachDataSet } from "./check.js";
import { counted, examplesOf } from "./finding.js";
import { type AuditedTrial, idOf, pairsOf, titleOf } from "./input.js";

/** Shorter criteria, such as "healthy adults", are alike by chance. */
const LEAST_CHARACTERS = 100;

/** Criteria that two splits share word for word under different NCT ids: sister trials of one protocol. */
export const sharedCriteria: Check = {
  name: "shared-criteria",
  why: "A model that remembers a text can answer for its twin, which says nothing of new trials.",
  remedy: "Report figures with and without these trials.",
  find: inEachDataSet(({ splits }) => {
    if (splits.length < 2) return [];
    const grouped = splits.map((split) => ({
      title: titleOf(split),
      texts: groupBy(split.trials, wordsOf),
    }));
    return pairsOf(grouped).flatMap(([first, second]) => {
      const twins = [...second.texts].flatMap(([words, trials]) => {
        if (words.length < LEAST_CHARACTERS) return [];
        return trials.flatMap((trial) => {
          const twin = first.texts.get(words)?.find((other) => idOf(other) !== idOf(trial));
          return twin ? [[trial, twin] as const] : [];
        });
      });
      if (twins.length === 0) return [];
      const alike = twins.filter(([one, other]) => one.outcome.label === other.outcome.label);
      return [
        {
          severity: "warning",
          found:
            `of ${second.title}, ${counted(twins.length, "trial")} with the very criteria of another ` +
            `trial in ${first.title}, ${alike.length} with its label`,
          examples: examplesOf(twins.map(([one, other]) => `${idOf(one)} as ${idOf(other)}`)),
        },
      ];
    });
  }),
};

/** Criteria in lower case, without layout. */
const wordsOf = ({ trial }: AuditedTrial): string =>
  plainText(trial.eligibilityCriteria).toLowerCase().replace(/\s+/g, " ").trim();
