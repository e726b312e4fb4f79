import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { sha256 } from "../base/file.js";
import type { Watcher } from "../base/watcher.js";
import {
  type MadeUpTrial,
  madeUpTrials,
  SMALL_LANGUAGE,
  textsNdjson,
  topCsv,
} from "../serving/test-support.js";
import { trainLanguage } from "../training/language.js";

export const SILENT: Watcher = { report() {}, say() {}, stopping: () => false };

/** What a benchmark on made-up trials reads. */
export interface Fixture {
  readonly root: string;
  /** Writes a file, and returns its path. */
  readonly write: (name: string, content: string) => string;
}

/**
 * A folder, removed after the tests, with an encoder that has hardly learned anything and made-up trials:
 * `train.csv`, `valid.csv` and `test.csv`; `known.csv`, successes; and `studies.ndjson`, failures, whose
 * drugs are in `approved.csv`.
 */
export async function fixture(): Promise<Fixture> {
  const root = mkdtempSync(join(tmpdir(), "cladmop-benchmark-"));
  after(() => rmSync(root, { recursive: true }));
  const write = (name: string, content: string) => {
    writeFileSync(join(root, name), content);
    return join(root, name);
  };
  await trainLanguage(
    {
      ...SMALL_LANGUAGE,
      texts: write("texts.ndjson", textsNdjson(madeUpTrials(100, 1))),
      out: join(root, "language"),
      epochs: 0.1,
    },
    SILENT,
  );
  write("train.csv", topCsv(madeUpTrials(60, 20_000)));
  write("valid.csv", topCsv(madeUpTrials(30, 30_000)));
  write("test.csv", topCsv(madeUpTrials(80, 40_000)));
  const sct = enoughHeldOut(madeUpTrials(3000, 100_000));
  const labelled = (outcome: 0 | 1) => sct.filter(({ label }) => label === outcome);
  write("known.csv", topCsv(labelled(1)));
  write("studies.ndjson", labelled(0).map(study).join("\n"));
  write("approved.csv", APPROVED.join("\n"));
  return { root, write };
}

/** The drugs of made-up trials. */
const APPROVED = [
  "name,smiles",
  "Metformin,CN(C)C(=N)NC(=N)N",
  "Imatinib,Cc1ccc(NC(=O)c2ccc(CN3CCN(C)CC3)cc2)cc1Nc1nccc(-c2cccnc2)n1",
  "Ibuprofen,CC(C)Cc1ccc(C(C)C(=O)O)cc1",
  "Atorvastatin,CC(C)c1c(C(=O)Nc2ccccc2)c(-c2ccccc2)c(-c2ccc(F)cc2)n1CC[C@@H](O)C[C@@H](O)CC(=O)O",
  "Prednisone,C[C@]12C=CC(=O)C=C1CC[C@@H]1[C@@H]2C(=O)C[C@@]2(C)[C@H]1CC[C@]2(O)C(=O)CO",
  "Warfarin,CC(=O)CC(c1ccccc1)c1c(O)c2ccccc2oc1=O",
];

/** Few trials of which many are held out by pre-training, which looks at the hashes of their ids. */
function enoughHeldOut(trials: readonly MadeUpTrial[]): MadeUpTrial[] {
  const isHeldOut = ({ nctId }: MadeUpTrial) =>
    Number.parseInt(sha256(nctId).slice(0, 8), 16) % 20 === 0;
  const some = (heldOut: boolean, count: number) =>
    trials.filter((trial) => isHeldOut(trial) === heldOut).slice(0, count);
  return [...some(true, 80), ...some(false, 260)];
}

/** A record of the registry. */
const study = ({ nctId, drug, condition, criteria }: MadeUpTrial): string =>
  JSON.stringify({
    protocolSection: {
      identificationModule: { nctId },
      statusModule: { overallStatus: "COMPLETED" },
      conditionsModule: { conditions: [condition] },
      designModule: { phases: ["PHASE1"] },
      armsInterventionsModule: { interventions: [{ type: "DRUG", name: drug }] },
      eligibilityModule: { eligibilityCriteria: criteria },
    },
  });
