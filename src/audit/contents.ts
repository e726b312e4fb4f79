import { groupBy } from "../base/group.js";
import { type Check, type Found, inEachDataSet } from "./check.js";
import { counted } from "./finding.js";
import type { AuditInput, DataSet, FittedModel } from "./input.js";
import { prevalenceOf } from "./labels.js";

/** What was audited as what: said of everything, so that a wrong guess is seen. */
export const contents: Check = {
  name: "contents",
  why: "Names tell split and phase; under a wrong name the wrong files are compared.",
  remedy: "Rename a file that is taken for something else, such as to phase_I_test.csv.",
  find: (input) => [
    ...inEachDataSet((dataSet) => [note(filesOf(dataSet))])(input),
    ...runsOf(input).map(([subject, what]) => ({
      ...note(
        input.dataSets.length > 0 ? what : `${what}; no data set was given to compare it with`,
      ),
      subject,
    })),
  ],
};

const note = (found: string): Omit<Found, "subject"> => ({
  severity: "note",
  found,
  examples: [],
});

const filesOf = ({ splits }: DataSet): string =>
  splits
    .flatMap(({ role, files }) =>
      files.map(({ name, trials }) => {
        const { positives, n } = prevalenceOf(trials);
        const labels = n > 0 ? `${positives} successful` : "no labels";
        return `${role}: ${name}, ${counted(trials.length, "trial")}, ${labels}`;
      }),
    )
    .join("; ");

/** Everything else by its place, and what it is. */
const runsOf = ({ pretrainings, models, cells }: AuditInput): [path: string, what: string][] => [
  ...pretrainings.map(({ path, trials }): [string, string] => [
    path,
    `pre-trained on ${counted(trials.size, "trial")}`,
  ]),
  ...models.map((model): [string, string] => [model.path, modelOf(model)]),
  ...[...groupBy(cells, ({ path }) => path)].map(([path, own]): [string, string] => [
    path,
    counted(own.length, "scored result"),
  ]),
];

const modelOf = ({ seen, data }: FittedModel): string =>
  seen === undefined
    ? `a model fitted on files whose trials it does not list: ${Object.keys(data).join(", ")}`
    : `a model fitted on ${counted(seen.training.length, "trial")} and chosen on ${seen.validation.length}, ` +
      `pre-trained on ${seen.pretraining.length}`;
