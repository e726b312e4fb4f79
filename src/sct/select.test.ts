import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { loadResources } from "../model/index.js";
import { type CollectOptions, collectSct } from "./collect.js";

const root = mkdtempSync(join(tmpdir(), "cladmop-sct-"));
after(() => rmSync(root, { recursive: true }));
const write = (name: string, lines: readonly string[]) => {
  writeFileSync(join(root, name), lines.join("\n"));
  return join(root, name);
};

/** A row of TOP's CSV. */
const row = (nctId: string, label: 0 | 1, drug: string, condition = "angina") =>
  `${nctId},,,${label},phase 2,['${condition}'],[],['${drug}'],[],Adults with ${condition}`;
const HEADER = "nctid,status,why_stop,label,phase,diseases,icdcodes,drugs,smiless,criteria";
/** A study as the API gives it. */
const study = (nctId: string, drug: string, date?: string) =>
  JSON.stringify({
    protocolSection: {
      identificationModule: { nctId },
      eligibilityModule: { eligibilityCriteria: "Adults with asthma" },
      conditionsModule: { conditions: ["Asthma"] },
      designModule: { phases: ["PHASE3"] },
      armsInterventionsModule: { interventions: [{ type: "DRUG", name: drug }] },
      statusModule: date === undefined ? {} : { startDateStruct: { date } },
    },
  });

const resources = await loadResources(
  // Ethanol is written otherwise than among the approved drugs, as a vocabulary of one's own may.
  write("drugs.tsv", ["ethanol\tOCC", "propanol\tCCCO", "butanol\tCCCCO", "pentanol\tCCCCCO"]),
  write("conditions.tsv", ["angina\tI20.9", "asthma\tJ45"]),
);
const SOURCES: CollectOptions = {
  skipInvalid: true,
  trials: [
    write("successful.csv", [
      HEADER,
      row("NCT1", 1, "propanol"),
      row("NCT2", 0, "propanol"),
      row("NCT3", 1, "propanol"),
      row("NCT4", 1, "unobtainib"),
      row("NCT5", 1, "propanol", "rare disease"),
      row("NCT6", 1, "butanol"),
      row("NCT10", 1, "propanol").replace("phase 2", "phase 9"),
    ]),
  ],
  studies: [
    write("studies.ndjson", [
      study("NCT1", "ethanol"),
      study("NCT7", "ethanol", "2004-12"),
      study("NCT8", "pentanol", "2004-12"),
      study("NCT9", "ethanol", "2005-01"),
      study("NCT11", "ethanol", "2004"),
      study("NCT12", "ethanol"),
    ]),
  ],
  approved: write("approved.csv", ["name,smiles", "ethanol,CCO"]),
  exclude: [write("test.csv", [HEADER, row("NCT3", 1, "butanol"), row("NCT99", 0, "pentanol")])],
  excludeDrugs: false,
};
const said: string[] = [];
const watcher = { report() {}, say: (line: string) => said.push(line), stopping: () => false };
const collect = (options: CollectOptions) => collectSct(options, resources, root, watcher);
const idsOf = async (options: CollectOptions) =>
  (await collect(options)).trials.map(({ nctId }) => nctId);

test("successful trials are kept, all others counted by the reason why not", async () => {
  const { trials, card } = await collect(SOURCES);
  assert.deepEqual(
    trials.map(({ nctId }) => nctId),
    ["NCT1", "NCT6", "NCT7", "NCT9", "NCT11", "NCT12"],
  );
  assert.deepEqual(
    trials.map(({ known }) => known),
    [true, true, false, false, false, false],
  );
  assert.deepEqual(card, {
    trials: 6,
    molecules: 3,
    diseases: 2,
    combinations: 0,
    meanWords: 3,
    byPhase: { "2": 2, "3": 4 },
    byYear: { "2004": 2, "2005": 1, unknown: 3 },
    leftOut: {
      "labelled as failed": 1,
      "in an excluded split": 1,
      "no resolved drug": 1,
      "no resolved disease": 1,
      "seen before": 1,
      "no approved drug": 1,
    },
    overlap: [
      { file: "test.csv", trials: 2, found: 1, shared: 0, molecules: 2, sharedMolecules: 1 },
    ],
  });
  const list = join(root, "invalid.ndjson");
  assert.match(said.pop()!, /1 bad row was skipped and listed in .*invalid\.ndjson/);
  assert.equal(JSON.parse(readFileSync(list, "utf8")).problem, 'is unknown: "phase 9"');
  await assert.rejects(collect({ ...SOURCES, skipInvalid: false }), /row 7, field "phase"/);
});

test("a trial is excluded in whatever letter case its id is written", async () => {
  const exclude = [
    write("lower.csv", [HEADER, row("nct1", 1, "butanol"), row("Nct7", 0, "pentanol")]),
  ];
  const { trials, card } = await collect({ ...SOURCES, exclude });
  assert.ok(!trials.some(({ nctId }) => ["NCT1", "NCT7"].includes(nctId)));
  assert.deepEqual(
    card.overlap.map(({ found, shared }) => [found, shared]),
    [[2, 0]],
  );
});

test("a bad row of an excluded file stops the choice, unless its file is named", async () => {
  const bad = write("bad.csv", [HEADER, row("NCT3", 1, "butanol"), row("NCT6", 1, "")]);
  writeFileSync(bad, readFileSync(bad, "utf8").replace("phase 2", "phase 9"));
  const options = { ...SOURCES, exclude: [bad] };
  await assert.rejects(collect(options), /bad\.csv, row 1, field "phase"/);
  await assert.rejects(collect({ ...options, skipInvalidIn: ["other.csv"] }), /bad\.csv, row 1/);
  const ids = await idsOf({ ...options, skipInvalidIn: [bad] });
  assert.ok(ids.includes("NCT3") && !ids.includes("NCT6"), ids.join());
});

test("a record of a built SCT is known to be successful only if it was, whatever file it is in", async () => {
  const built = (nctId: string, knownSuccess: boolean) =>
    JSON.stringify({ ...JSON.parse(study(nctId, "ethanol")), cladmop: { knownSuccess } });
  const records = [built("NCT20", true), built("NCT21", false), study("NCT22", "ethanol")];
  const file = write("built.ndjson", records);
  const knownOf = async (options: CollectOptions) =>
    (await collect(options)).trials.map(({ known }) => known);
  assert.deepEqual(await knownOf({ ...SOURCES, trials: [file], studies: [] }), [true, false, true]);
  const none = [false, false, false];
  assert.deepEqual(await knownOf({ ...SOURCES, trials: [], studies: [file] }), none);
  const broken = write("broken.ndjson", [built("NCT20", true).replace("true", '"yes"')]);
  await assert.rejects(collect({ ...SOURCES, trials: [broken], skipInvalid: false }), {
    name: "InputError",
    message: /broken\.ndjson, .*field "cladmop\.knownSuccess": invalid input: expected boolean/,
  });
});

test("trials that share a drug with an excluded split are left out on request", async () => {
  const { card, trials } = await collect({ ...SOURCES, excludeDrugs: true });
  assert.ok(!trials.some(({ nctId }) => nctId === "NCT6"));
  assert.equal(card.leftOut["shares a drug with an excluded split"], 1);
  assert.equal(card.overlap[0]!.sharedMolecules, 0);
  await assert.rejects(collect({ ...SOURCES, exclude: [], excludeDrugs: true }), {
    name: "InputError",
    message: /^field "--exclude-drugs": there are no trials whose .* Name .* with --exclude, too$/,
  });
});

test("only trials that certainly started before a day are kept on request", async () => {
  assert.deepEqual(await idsOf({ ...SOURCES, before: "2005-01-15" }), ["NCT7", "NCT11"]);
  assert.deepEqual(await idsOf({ ...SOURCES, before: "2004-12-31" }), []);
});

test("a combination is a set of two or more molecules; each disease of a trial counts", async () => {
  const trials = write("pairs.csv", [
    HEADER,
    `NCT1,,,1,phase 2,"['angina', 'asthma']",[],"['propanol', 'butanol']",[],Adults`,
    `NCT2,,,1,phase 2,['angina'],[],"['butanol', 'propanol']",[],Adults`,
    row("NCT3", 1, "butanol"),
  ]);
  const { card } = await collect({ ...SOURCES, trials: [trials], studies: [], exclude: [] });
  assert.deepEqual([card.molecules, card.combinations, card.diseases], [2, 1, 2]);
});

test("approved drugs are needed for studies, and for known successes not", async () => {
  const { approved: _, ...without } = SOURCES;
  await assert.rejects(collect(without), /studies\.ndjson: .* Name the approved drugs with --appr/);
  const ids = await idsOf({ ...without, studies: [] });
  assert.deepEqual(ids, ["NCT1", "NCT6"]);
});
