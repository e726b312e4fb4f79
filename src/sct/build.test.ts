import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { readBytes, sha256 } from "../base/file.js";
import type { Watcher } from "../base/watcher.js";
import { readConditions, SHIPPED_CONDITIONS } from "../disease/index.js";
import { loadChemistry, readVocabulary } from "../drug/index.js";
import { type BuildOptions, buildSct } from "./build.js";
import { collectSct } from "./collect.js";

const root = mkdtempSync(join(tmpdir(), "cladmop-build-"));
after(() => rmSync(root, { recursive: true }));
const at = (name: string) => join(root, name);
const write = (name: string, lines: readonly string[]) => {
  writeFileSync(at(name), `${lines.join("\n")}\n`);
  return at(name);
};
const said: string[] = [];
const watcher: Watcher = { report() {}, say: (line) => said.push(line), stopping: () => false };

const study = (nctId: string, drug: string, phases: readonly string[], date?: string) =>
  JSON.stringify({
    protocolSection: {
      identificationModule: { nctId, briefTitle: "A title" },
      eligibilityModule: { eligibilityCriteria: "Inclusion:\n\n* Adults with asthma\n* Smokers" },
      conditionsModule: { conditions: ["Asthma"] },
      designModule: { phases },
      armsInterventionsModule: { interventions: [{ type: "DRUG", name: drug }] },
      statusModule: { overallStatus: "COMPLETED", startDateStruct: date && { date } },
    },
  });
const HEADER = "nctid,label,phase,diseases,icdcodes,drugs,smiless,criteria";
const OPTIONS: BuildOptions = {
  trials: [
    write("known.csv", [
      HEADER,
      // Its condition is known by its code alone.
      `NCT1,1,phase 1,['zzz'],"[""['M10.0']""]",['madeupib'],[],Adults`,
      "NCT2,0,phase 1,['gout'],[],['madeupib'],[],Adults",
    ]),
  ],
  studies: [
    write("studies.ndjson", [
      study("NCT3", "Brandname", ["PHASE2", "PHASE3"], "2004-12"),
      study("NCT4", "aspirin", ["PHASE3"]),
      study("NCT5", "Madeupib 5 mg", [], "2005-01-02"),
      study("NCT6", "madeupib", ["PHASE4"]),
      study("NCT7", "madeupib", ["PHASE9"]),
      // The registry has studies without criteria: a withheld one, and one of the excluded split.
      '{"protocolSection": {"identificationModule": {"nctId": "NCT8"}}}',
      study("NCT9", "madeupib", ["PHASE4"]).replace(/"Inclusion:.*?"/, '" "'),
    ]),
  ],
  drugs: write("approved.csv", ["drugbank_id,name,smiles", "DB1,Madeupib,FC(F)(F)CCCCO"]),
  synonyms: write("synonyms.json", ['{"DB1": ["Brandname", "Care"]}']),
  conditions: SHIPPED_CONDITIONS,
  exclude: [
    write("test.csv", [
      HEADER,
      "NCT6,0,phase 4,['gout'],[],['madeupib'],[],Adults",
      "NCT9,1,phase 1,['gout'],[],['aspirin'],[],Adults",
    ]),
  ],
  excludeDrugs: false,
  skipInvalid: true,
  out: at("sct"),
};

const { card } = await buildSct(OPTIONS, watcher);
const lines = gunzipSync(readFileSync(at("sct/trials.ndjson.gz")))
  .toString()
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line));

test("each line is a study of the API's form with what was resolved", () => {
  assert.deepEqual(
    lines.map(({ protocolSection }) => protocolSection.identificationModule.nctId),
    ["NCT1", "NCT3", "NCT5"],
  );
  const [known, brand] = lines;
  const smiles = "OCCCCC(F)(F)F";
  assert.deepEqual(known.cladmop.icd10, [["M10.0"]]);
  assert.deepEqual(known.cladmop.molecules, [{ name: "madeupib", smiles }]);
  assert.ok(known.cladmop.diseases.some((token: string) => token.endsWith("M10.0")));
  assert.deepEqual(brand.cladmop.molecules, [{ name: "brandname", smiles }]);
  assert.deepEqual(brand.protocolSection.designModule, { phases: ["PHASE2", "PHASE3"] });
  assert.deepEqual(brand.protocolSection.statusModule, {
    overallStatus: "COMPLETED",
    startDateStruct: { date: "2004-12" },
  });
});

test("pre-training on the built trials chooses all of them, with the same features", async () => {
  const resources = {
    chemistry: await loadChemistry(),
    drugs: readVocabulary(at("sct/drugs.tsv")),
    conditions: readConditions(SHIPPED_CONDITIONS),
  };
  const { trials } = await collectSct(
    {
      ...OPTIONS,
      trials: [at("sct/trials.ndjson.gz")],
      studies: [],
      skipInvalid: false,
    },
    resources,
    root,
    watcher,
  );
  // What a trial was chosen for still holds: one is a known success, two test an approved drug.
  assert.deepEqual(
    trials.map(({ known }) => known),
    [true, false, false],
  );
  assert.deepEqual(
    lines.map(({ cladmop }) => cladmop.knownSuccess),
    [true, false, false],
  );
  assert.deepEqual(
    trials.map(({ nctId, molecules, diseases }) => [
      nctId,
      molecules.map(({ name, smiles }) => ({ name, smiles })),
      diseases,
    ]),
    lines.map(({ protocolSection, cladmop }) => [
      protocolSection.identificationModule.nctId,
      cladmop.molecules,
      cladmop.diseases,
    ]),
  );
});

test("the data card counts, compares and says what was read", () => {
  assert.deepEqual(JSON.parse(readFileSync(at("sct/card.json"), "utf8")), card);
  const { drugNames, data, ...counts } = card;
  assert.deepEqual(counts, {
    trials: 3,
    molecules: 1,
    diseases: 2,
    combinations: 0,
    meanWords: 4, // of 1, 5 and 5: bullets are no words
    byPhase: { "1": 1, "2/3": 1, "not applicable": 1 },
    byYear: { "2004": 1, "2005": 1, unknown: 1 },
    leftOut: {
      "labelled as failed": 1,
      "no approved drug": 1,
      "in an excluded split": 2,
      "no eligibility criteria": 1,
    },
    overlap: [
      { file: "test.csv", trials: 2, found: 2, shared: 0, molecules: 2, sharedMolecules: 1 },
    ],
    settings: { excludeDrugs: false, before: null },
    aact: null,
  });
  assert.ok(drugNames.known > 5000);
  assert.equal(drugNames.leftOut, 1);
  const { drugs, synonyms, conditions, trials, studies, exclude } = OPTIONS;
  const files = [drugs, synonyms!, conditions, ...exclude, ...trials, ...studies];
  assert.deepEqual(
    Object.values(data),
    files.map((file) => sha256(readBytes(file))),
  );
  const markdown = readFileSync(at("sct/card.md"), "utf8");
  for (const line of [
    "| unique drugs (molecules) | 1 | 4,289 |",
    "| unique diseases (ICD-10 codes) | 2 | 3,326 |",
    "| mean words of the eligibility criteria | 4 | 364 |",
    "| phase 2/3 | 1 | 33.3 % |",
    "| test.csv | 2 | 2 | 0 | 2 | 1 (50.0 %) |",
  ])
    assert.ok(markdown.includes(line), line);
});

test("bad rows are listed or refused; nothing is left of a build that fails", async () => {
  assert.match(said.join("\n"), /1 bad row was skipped and listed in .*sct\/invalid\.ndjson/);
  const list = JSON.parse(readFileSync(at("sct/invalid.ndjson"), "utf8"));
  assert.deepEqual([list.row, list.field], [5, "protocolSection.designModule.phases"]);
  for (const [change, message] of [
    [
      { skipInvalid: false },
      /studies\.ndjson, row 5, field "protocolSection\.designModule.*, or go on without bad rows: --skip-invalid$/,
    ],
    [
      { before: "1990-01-01" },
      /no trial is left\. Give other files or exclude less\. Left out: 4 not/,
    ],
    [{ trials: [], studies: [] }, /no records to choose from\. Give --studies, --trials or --aact/],
    [{ trials: [at("absent.csv")] }, /absent\.csv: cannot be read/],
    [{ aact: "postgres:/x:secret@" }, /^field "--aact": is not the URL/],
    [{ out: at("sct") }, /sct: this folder already holds successful trials\. Remove them/],
  ] as const)
    await assert.rejects(buildSct({ ...OPTIONS, out: at("failed"), ...change }, watcher), {
      name: "InputError",
      message,
    });
  const left = existsSync(at("failed")) ? readdirSync(at("failed")) : [];
  assert.deepEqual(left, ["invalid.ndjson"]);
});

test("bad rows of the drugs are listed with those of the records, or refused", async () => {
  const rows = ["name,smiles", "Broken,C1CC", "Madeupib,FC(F)(F)CCCCO"];
  const options = { ...OPTIONS, synonyms: undefined, drugs: write("broken.csv", rows) };
  const { folder, card } = await buildSct({ ...options, out: at("skipped") }, watcher);
  assert.equal(card.trials, 2);
  const listed = readFileSync(join(folder, "invalid.ndjson"), "utf8").trimEnd().split("\n");
  assert.deepEqual(
    listed.map((line) => JSON.parse(line)).map(({ file, row }) => [file, row]),
    [
      [options.drugs, 1],
      [OPTIONS.studies[0], 5],
    ],
  );
  await assert.rejects(buildSct({ ...options, skipInvalid: false, out: at("refused") }, watcher), {
    name: "InputError",
    message: /broken\.csv, row 1, field "smiles": RDKit rejects/,
  });
  const nameless = write("nameless.csv", ["nm,smiles", "Madeupib,FC(F)(F)CCCCO"]);
  await assert.rejects(buildSct({ ...options, drugs: nameless, out: at("nameless") }, watcher), {
    name: "InputError",
    message: /nameless\.csv: lacks the column name\./,
  });
});

test("a build that is stopped leaves nothing", async () => {
  let asked = 0;
  const stopping = { ...watcher, stopping: () => ++asked > 3 };
  await assert.rejects(buildSct({ ...OPTIONS, out: at("stopped") }, stopping), {
    name: "Interrupted",
    message: "Stopped. Nothing was written; start again.",
  });
  assert.deepEqual(readdirSync(at("stopped")), []);
});
