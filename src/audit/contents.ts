import { basename } from "node:path";
import { type Check, inEachDataSet } from "./check.js";
import { counted } from "./finding.js";
import { prevalenceOf } from "./labels.js";

/** What was audited as what: said of every data set, so that a wrong guess is seen. */
export const contents: Check = {
  name: "contents",
  why: "Names tell split and phase; under a wrong name the wrong files are compared.",
  remedy: "Rename a file that is taken for something else, such as to phase_I_test.csv.",
  find: inEachDataSet(({ splits }) => [
    {
      severity: "note",
      found: splits
        .flatMap(({ role, files }) =>
          files.map(({ path, trials }) => {
            const { positives, n } = prevalenceOf(trials);
            const successes = n > 0 ? `, ${positives} successful` : "";
            return `${role}: ${basename(path)}, ${counted(trials.length, "trial")}${successes}`;
          }),
        )
        .join("; "),
      examples: [],
    },
  ]),
};
