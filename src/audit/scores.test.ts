import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { readBytes, sha256 } from "../base/file.js";
import { averagePrecision, binarisedAveragePrecision, f1 } from "../evaluation/index.js";
import { madeUpCell } from "../report/test-support.js";
import {
  auditPaths,
  foundBy,
  nctId,
  range,
  temporaryFolder,
  topCsv,
  trials,
  writeFolder,
} from "./test-support.js";

const root = temporaryFolder();
const LABELS = [1, 1, 0, 1, 0, 0];
const SCORES = [0.9, 0.7, 0.6, 0.5, 0.2, 0.1];

interface Cell {
  readonly method: string;
  readonly scores?: readonly number[];
  readonly threshold?: number | null;
  readonly prAuc?: number;
  readonly data?: Readonly<Record<string, string>>;
}

/** The folder of a benchmark, all of whose cells are scored on the trials 1 to 6. */
function benchmark(name: string, cells: readonly Cell[], more = ""): string {
  const files: Record<string, string> = {};
  const lines = cells.map(({ method, scores = SCORES, threshold = 0.65, prAuc, data = {} }, i) => {
    files[`predictions/${i}.json`] = JSON.stringify({
      trials: range(1, LABELS.length).map(nctId),
      labels: LABELS,
      scores,
      areProbabilities: true,
    });
    const { result } = madeUpCell(
      { task: "supervised", dataset: "phase-1", method, title: method, seed: 1, strength: 1 },
      30,
    );
    const figures = {
      ...result.figures,
      n: LABELS.length,
      positives: 3,
      prAuc: prAuc ?? averagePrecision(LABELS, scores),
      f1: threshold === null ? null : f1(LABELS, scores, threshold),
      threshold,
    };
    return JSON.stringify({ ...result, id: `${i}`, data, scored: "phase_I_test.csv", figures });
  });
  return writeFolder(root, name, { ...files, "results.ndjson": `${lines.join("\n")}\n${more}` });
}

const CHECKS = [
  ...["degenerate-results", "one-sided-decisions", "constant-scores", "pr-auc"],
  ...["threshold-from-test", "scored-on-training", "unread-files"],
];
/** What the checks of scores found, as [check, severity, found]. */
const found = (...paths: string[]) => {
  const findings = auditPaths(...paths);
  return CHECKS.flatMap((check) =>
    foundBy(check, findings).map(([severity, , text]) => [check, severity, text]),
  );
};

test("sound results, and the row of always success, are no finding", () => {
  const constant = LABELS.map(() => 1);
  assert.deepEqual(
    found(
      benchmark("sound", [
        { method: "good" },
        { method: "ranks", threshold: null },
        { method: "always-success", scores: constant, threshold: 0.5 },
      ]),
    ),
    [],
  );
});

test("an F1 that always success has, too", () => {
  // All are called successful: F1 = 2 · 3 / 9. One success is the only one called: F1 = 2 · 1 / 4.
  const folder = benchmark("degenerate", [
    { method: "good" },
    { method: "poor", scores: [0.9, 0.1, 0.6, 0.2, 0.1, 0.1] },
    { method: "lenient", threshold: 0.05 },
    { method: "ranks", threshold: null }, // without decisions, it has no F1
  ]);
  assert.deepEqual(found(folder), [
    [
      "degenerate-results",
      "warning",
      "2 of 3 results (67 %); of the first, the F1 is .500, and that of always success .667",
    ],
    [
      "one-sided-decisions",
      "warning",
      "1 of 3 results (33 %); of the first, 6 of 6 trials are called successful",
    ],
  ]);
  const [finding] = auditPaths(folder).filter(({ check }) => check === "degenerate-results");
  assert.deepEqual(finding?.examples, [
    "poor (supervised, phase-1, seed 1)",
    "lenient (supervised, phase-1, seed 1)",
  ]);
});

test("one score for every trial", () => {
  const scores = LABELS.map(() => 0.25);
  assert.deepEqual(found(benchmark("constant", [{ method: "gnn", scores }])), [
    ["constant-scores", "warning", "1 of 1 result (100 %); of the first, every score is 0.25"],
  ]);
});

test("a PR-AUC of decisions, or of something else", () => {
  // Decisions at 0.65 find 2 of 3 successes in 2 calls: (2/3)(1) + (1/3)(3/6) = .833.
  // Scores: (1/3)(1 + 1 + 3/4) = .917.
  const prAuc = binarisedAveragePrecision(LABELS, SCORES, 0.65);
  const given = (value: number) => found(benchmark(`pr-${value}`, [{ method: "a", prAuc: value }]));
  assert.deepEqual(given(prAuc), [
    [
      "pr-auc",
      "warning",
      "1 of 1 result (100 %); of the first, the PR-AUC is given as .833, that of 0/1 decisions, and its scores have .917",
    ],
  ]);
  assert.match(given(0.95)[0]!.join(), /given as \.950, and its scores have \.917$/);
});

test("a threshold that is a test score may be chosen on test", () => {
  const at = (name: string, threshold: number, scores = SCORES) =>
    found(benchmark(name, [{ method: "a", threshold, scores }]))
      .filter(([check]) => check === "threshold-from-test")
      .map(([, severity, text]) => [severity, text!.replace(/.*first, /, "")]);
  // F1 at 0.5 finds all 3 successes in 4 calls: 6/7, the highest; at 0.7, 2 in 2 calls: 4/5.
  assert.deepEqual(at("chosen", 0.5), [
    ["leak", "the threshold is the score of NCT00000004, where F1 is highest"],
  ]);
  assert.deepEqual(at("otherwise", 0.7), [
    ["warning", "the threshold is the score of NCT00000002"],
  ]);
  // As of a forest of ten trees: two trials share a score.
  const coarse = [0.9, 0.7, 0.6, 0.5, 0.1, 0.1];
  assert.deepEqual(at("coarse", 0.5, coarse), [
    ["warning", "the threshold is the score of NCT00000004, where F1 is highest"],
  ]);
  assert.deepEqual(at("chance", 0.7, coarse), []);
  // Scores that several trials share, as those of a lookup, may be met by accident.
  assert.deepEqual(at("lookup", 0.8, [0.8, 0.8, 0.5, 0.8, 0.5, 0.1]), []);
});

test("both a leak and a warning of thresholds are told of one benchmark", () => {
  const folder = benchmark("thresholds", [
    { method: "a", threshold: 0.5 },
    { method: "b", threshold: 0.7 },
    { method: "c" },
  ]);
  assert.deepEqual(
    found(folder).map(([check, severity, text]) => [check, severity, text!.split(";")[0]]),
    [
      ["threshold-from-test", "leak", "1 of 3 results (33 %)"],
      ["threshold-from-test", "warning", "1 of 3 results (33 %)"],
    ],
  );
});

test("trials that are scored and in the training file", () => {
  const data = writeFolder(root, "data", {
    "phase_I_train.csv": topCsv(trials([4, 5, 50], 1)),
    "phase_II_train.csv": topCsv(trials([1, 60], 1)),
  });
  const hash = sha256(readBytes(join(data, "phase_I_train.csv")));
  const folder = benchmark("scored", [{ method: "a", data: { "phase_I_train.csv": hash } }]);
  const divided = benchmark("divided", [{ method: "a", data: { "phase_I_test.csv": hash } }]);
  assert.deepEqual(found(data, divided), []);
  assert.deepEqual(found(data, folder), [
    [
      "scored-on-training",
      "leak",
      "1 of 1 result (100 %); of the first, 2 of 6 trials (33 %) such as NCT00000004 were fitted on",
    ],
  ]);
});

test("what evaluate --json printed", () => {
  const folder = writeFolder(root, "evaluations", {
    "a.json": JSON.stringify({
      ...{ n: 100, positives: 75, prAuc: 0.8, rocAuc: 0.6, f1: 0.85, threshold: 0.4 },
      model: "runs/a/model",
    }),
  });
  assert.deepEqual(found(join(folder, "a.json")), [
    [
      "degenerate-results",
      "warning",
      "1 of 1 result (100 %); of the first, the F1 is .850, and that of always success .857",
    ],
  ]);
});

test("lines of results that cannot be read are findings", () => {
  const findings = found(benchmark("broken", [{ method: "good" }], '{"id": "7"}\n{"id"\n'));
  assert.deepEqual(
    findings.map(([check, severity]) => [check, severity]),
    [
      ["unread-files", "warning"],
      ["unread-files", "warning"],
    ],
  );
  assert.match(findings[0]![2]!, /results\.ndjson, row 2, field "task": invalid/);
  assert.match(findings[1]![2]!, /results\.ndjson, row 3: was cut off/);
});
