import type { InputError } from "../base/error.js";
import { type Check, inEachDataSet } from "./check.js";
import { examplesOf, shareOf } from "./finding.js";
import { idOf, titleOf } from "./input.js";

const lacksCriteria = ({ location }: InputError): boolean =>
  /criteria|eligibilityModule/i.test(location.field ?? "");

const badRows = (isMeant: (error: InputError) => boolean): Check["find"] =>
  inEachDataSet(({ splits }) =>
    splits.flatMap((split) => {
      const invalid = split.files.flatMap((file) => file.invalid);
      const bad = invalid.filter(isMeant);
      return bad.length === 0
        ? []
        : [
            {
              severity: "warning",
              found: `left out: ${shareOf(bad.length, split.trials.length + invalid.length, "row")} of ${titleOf(split)}`,
              examples: examplesOf(bad.map(({ message }) => message)),
            },
          ];
    }),
  );

/** Rows that are no trials for another reason than {@link missingCriteria}. */
export const malformedRows: Check = {
  name: "malformed-rows",
  why: "Trials that cannot be read are left out, perhaps more of one outcome than of the other.",
  remedy: "Repair the rows as their messages say.",
  find: badRows((error) => !lacksCriteria(error)),
};

/** Rows without eligibility criteria. */
export const missingCriteria: Check = {
  name: "missing-criteria",
  why: "An empty text is no neutral input: a model learns who leaves it out, so such trials are refused.",
  remedy: "Fill in the criteria, and say how many trials were left out.",
  find: badRows(lacksCriteria),
};

/** From this share of a split on, a kind of input is missing rather than sparse. */
const MOST = 0.5;

/** Trials in which the model would see no drug, or no disease. */
export const emptyFeatures: Check = {
  name: "empty-features",
  why: "What is not found by name is left out, never guessed, so these trials are predicted from less.",
  remedy: "Give the missing names with --drugs and --conditions.",
  find: inEachDataSet(({ splits }) => {
    const rows = splits.map((split) => ({
      title: titleOf(split),
      all: split.trials.length,
      drugless: split.trials.filter(({ molecules }) => molecules.length === 0),
      diseaseless: split.trials.filter(({ hasDisease }) => !hasDisease),
    }));
    const empty = rows.flatMap(({ drugless, diseaseless }) => [...drugless, ...diseaseless]);
    if (empty.length === 0) return [];
    const isMost = rows.some(
      ({ all, drugless, diseaseless }) =>
        Math.max(drugless.length, diseaseless.length) > MOST * all,
    );
    const list = (of: "drugless" | "diseaseless") =>
      rows.map((row) => `${shareOf(row[of].length, row.all, "trial")} of ${row.title}`).join(", ");
    return [
      {
        severity: isMost ? "warning" : "note",
        found: `no known molecule: ${list("drugless")}; no ICD-10 code: ${list("diseaseless")}`,
        examples: examplesOf(empty.map(idOf)),
      },
    ];
  }),
};

/** Files, and lines of results, that could not be read at all. */
export const unreadFiles: Check = {
  name: "unread-files",
  why: "What cannot be read is not audited.",
  remedy: "Repair or remove it.",
  find: ({ unread }) =>
    unread.map((error) => ({
      severity: "warning",
      subject: error.location.file ?? "input",
      found: error.message,
      examples: [],
    })),
};
