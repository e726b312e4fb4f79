import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../base/random.js";
import { dataPath, needsData } from "../base/test-data.js";
import { readTrials } from "../trial/index.js";
import { tellingCriteria } from "./telling-criteria.js";
import {
  auditPaths,
  foundBy,
  range,
  type TopRow,
  temporaryFolder,
  topCsv,
  trials,
  writeFolder,
} from "./test-support.js";

const root = temporaryFolder();

/** Trials with criteria of few words in common, half of them failures. */
function dataSet(name: string, size: number, added: (label: string, i: number) => string): string {
  const random = new Random(1, name);
  const rows = trials(range(1, size), size / 2).map((row, i): TopRow => {
    const lines = range(1, 6).map(() => `-  Finding ${letters(random.integer(400))} is present`);
    const criteria = ["Inclusion Criteria:", ...lines].join("\n\n") + added(row.label!, i);
    return { ...row, criteria };
  });
  const isTest = (i: number) => i % 3 === 0;
  return writeFolder(root, name, {
    "phase_I_train.csv": topCsv(rows.filter((_, i) => !isTest(i))),
    "phase_I_test.csv": topCsv(rows.filter((_, i) => isTest(i))),
  });
}

/** A word for a number, since numbers of a text are not told apart. */
const letters = (n: number) =>
  [...String(n)].map((digit) => String.fromCharCode(97 + Number(digit))).join("");
const leaks = (folder: string) => foundBy("telling-criteria", auditPaths(folder));

test("a sentence in a fifth of the failures is a leak, wherever it stands in the text", () => {
  for (const [name, before] of [
    ["line", "\n\n"],
    ["end of a line", ". "],
    ["next line", "\n"],
  ]) {
    const folder = dataSet(name!, 150, (label, i) =>
      label === "0" && i % 5 === 0 ? `${before}The study was terminated early in ${2000 + i}.` : "",
    );
    assert.deepEqual(
      leaks(folder),
      [
        [
          "leak",
          "phase I",
          "sentences of the criteria that tell the outcome of 150 trials, 75 of them successful: " +
            '"the study was terminated early in #" in 15, 15 of them failures',
        ],
      ],
      name,
    );
  }
  const success = dataSet("success", 150, (label, i) =>
    label === "1" && i % 2 === 0 ? "\n\nMet its endpoint" : "",
  );
  assert.match(leaks(success)[0]![2]!, /: "met its endpoint" in 38, 38 of them successes$/);
});

test("a sentence that goes with the outcome is no leak, nor one of a few trials", () => {
  const often = dataSet("often", 150, (label, i) =>
    (label === "0" ? i % 2 === 0 : i % 10 === 0) ? "\n\nMetastatic disease" : "",
  );
  assert.deepEqual(leaks(often), []);
  const few = dataSet("few", 600, (label, i) =>
    label === "0" && i % 15 === 0 ? "\n\nWording of a sponsor" : "",
  );
  assert.deepEqual(leaks(few), []);
});

test("trials that share the wording of a form are one trial", () => {
  const form = ["Disease", "Patient", "Prior", "Age", "Sex", "Status", "Life", "Renal"];
  const lines = form.map((word) => `\n\n${word} characteristics`).join("");
  const folder = dataSet("form", 150, (label, i) => (label === "0" && i % 5 === 0 ? lines : ""));
  assert.deepEqual(leaks(folder), []);
});

test(
  "random parts of TOP have no leak, until a sentence is put in",
  needsData("top/phase_I_train.csv"),
  () => {
    const { records } = readTrials(dataPath("top/phase_I_train.csv"));
    let leaks = 0;
    for (const seed of range(1, 5)) {
      const order = new Random(seed, "part").permutation(records.length).subarray(0, 150);
      const part = [...order].map((i) => ({
        ...records[i]!,
        drugs: [],
        molecules: [],
        hasDisease: true,
        otherFields: {},
      }));
      const failures = part.filter(({ outcome }) => outcome.label === 0);
      const told = new Set(failures.slice(0, Math.round(failures.length / 5)));
      const find = (trials: typeof part) =>
        tellingCriteria.find({
          ...{ pretrainings: [], models: [], cells: [], unread: [] },
          dataSets: [{ name: "part", splits: [{ role: "train", files: [], trials }] }],
        });
      assert.deepEqual(find(part), []);
      const leaky = part.map((one) =>
        told.has(one)
          ? {
              ...one,
              trial: {
                ...one.trial,
                eligibilityCriteria: `${one.trial.eligibilityCriteria}\nThe study was terminated early.`,
              },
            }
          : one,
      );
      const said = `: "the study was terminated early" in ${told.size}, ${told.size} of them failures`;
      for (const { severity, found } of find(leaky))
        if (severity === "leak" && found.endsWith(said)) leaks++;
    }
    // Of one part a third of the trials with the sentence are sisters of others.
    assert.equal(leaks, 4);
  },
);
