import assert from "node:assert/strict";
import { test } from "node:test";
import { parseStudy } from "./ctgov.js";
import { pooled } from "./pooled.js";

const recordsOf = (...ids: string[]) =>
  ids.map((nctId, i) =>
    parseStudy(
      {
        protocolSection: {
          identificationModule: { nctId },
          eligibilityModule: { eligibilityCriteria: "Adults" },
          conditionsModule: { conditions: ["Gout"] },
          designModule: { phases: ["PHASE1"] },
        },
      },
      { file: "a.ndjson", row: i + 1 },
    ),
  );
/** The ids that are kept, then what is said. */
function pool(files: string[][], others: string[]): string[] {
  const said: string[] = [];
  const watcher = { report() {}, say: (line: string) => said.push(line), stopping: () => false };
  const kept = pooled(
    files.map((ids) => recordsOf(...ids)),
    recordsOf(...others),
    watcher,
  );
  return [...kept.map(({ trial }) => trial.nctId), ...said];
}

test("of several files each trial is kept once, and none that validates", () => {
  assert.deepEqual(
    pool(
      [
        ["NCT1", "NCT2", "NCT3"],
        ["NCT3", "NCT4", "NCT5"],
      ],
      ["NCT2", "NCT5", "NCT6"],
    ),
    [
      ...["NCT1", "NCT3", "NCT4"],
      "3 training trials are left out: they stand in another file, too.",
    ],
  );
  assert.deepEqual(pool([["NCT1"], ["NCT2"]], ["NCT3"]), ["NCT1", "NCT2"]);
});

test("one file is left as it is, for others to refuse", () => {
  assert.deepEqual(pool([["NCT1", "NCT1", "NCT2"]], ["NCT2"]), ["NCT1", "NCT1", "NCT2"]);
});
